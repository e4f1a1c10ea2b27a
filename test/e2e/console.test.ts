import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const chromium = findChromium();
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const LONG = Array.from({ length: 40 }, (_, row) => `Paragraph ${row + 1}.`).join('\n\n');

/** Spokes on a server outside the farm, so that no weights are needed. */
function remoteFarm(url: string): string {
  return `
fleet: { starter: false }
destinations:
  - { id: desk, kind: openai, url: "${url}", clearance: internal, prices: { writer: { input: 1, output: 2 } } }
spokes:
  - { id: writer, model: desk/writer }
  - { id: grounded, kind: grounded, model: desk/writer, tasks: [document-question, question] }
`;
}

describe.skipIf(chromium === undefined)('the console', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
  });
  afterAll(() => browser?.close());

  describe('of a farm without weights', () => {
    let home: TestHome;
    let farm: RunningProcess;
    beforeAll(async () => {
      home = new TestHome();
      farm = await home.up();
    });
    afterAll(() => home?.remove());

    it('works without keys, lists every name and says why it is not ready', async () => {
      const console = await ConsolePage.open(browser, farm.url);
      const { page } = console;
      await page.getByLabel('Who answers').click();
      const option = (id: string) =>
        page.getByRole('option').filter({ has: page.getByText(id, { exact: true }) });
      for (const id of ['auto', 'auto:cheap', 'auto:best', 'hub']) await option(id).waitFor();
      for (const id of ['quick', 'coder', 'general', 'extract', 'grounded']) {
        await option(id).getByText('is not installed').waitFor();
        expect(await option(id).getAttribute('aria-disabled')).toBe('true');
      }
      expect(await page.getByRole('option').getByText('minilm').count()).toBe(0);
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('shows five models as absent, and keeps its page over a reload', async () => {
      const console = await ConsolePage.open(browser, farm.url);
      const { page } = console;
      await page.getByRole('link', { name: 'Fleet' }).click();
      await page.getByTestId('models').waitFor();
      expect(await page.getByTestId('model-state').allInnerTexts()).toEqual(
        Array.from({ length: 5 }, () => 'absent'),
      );
      await page.getByRole('button', { name: 'Pull 98 MB' }).waitFor();
      await page.reload();
      await page.getByTestId('models').waitFor();
      expect(page.url()).toBe(`${farm.url}/fleet`);
      await page.goBack();
      await page.getByRole('heading', { name: 'Ask the farm' }).waitFor();
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('shows what a model that is not ready means, with its receipt', async () => {
      const console = await ConsolePage.open(browser, farm.url);
      // The choice of an earlier visit, before its model was removed.
      await console.page.evaluate(`localStorage.setItem('cadre.model', 'general')`);
      await console.page.reload();
      await console.page.getByTestId('not-ready').getByText('is not installed').waitFor();
      await console.ask('hello');
      await console.waitForState('failed');
      const problem = await console.turn.getByTestId('problem').innerText();
      expect(problem).toContain('cadre pull');
      const why = await console.life.getByTestId('why').innerText();
      expect(why).toMatch(/^npx cadre why req_\w+$/);
      expect(await console.life.getByTestId('outcome').innerText()).toBe('failed');
      const told = await home.run(why.split(' ').slice(2));
      expect(told.code).toBe(0);
      // Chromium itself reports the status of the refused request; nothing else may be said.
      expect(console.complaints.filter((line) => !line.includes('503'))).toEqual([]);
      await console.close();
    });
  });

  describe('of a farm with keys', () => {
    let home: TestHome;
    beforeAll(() => {
      home = new TestHome();
    });
    afterAll(() => home?.remove());

    it('says who is not signed in, and signs one browser in by the printed address', async () => {
      const farm = await home.up();
      expect((await home.run(['keys', 'add', 'laptop'])).code).toBe(0);
      const stranger = await ConsolePage.open(browser, farm.url);
      await stranger.page.getByRole('heading', { name: 'Not signed in' }).waitFor();
      expect(await stranger.page.getByTestId('sign-in').innerText()).toContain('cadre up');
      await stranger.close();

      const owner = await ConsolePage.open(browser, farm.console);
      await owner.page.getByLabel('Question', { exact: true }).waitFor();
      expect(owner.page.url()).toBe(`${farm.url}/`);
      await owner.page.reload();
      await owner.page.getByLabel('Question', { exact: true }).waitFor();
      expect(owner.complaints).toEqual([]);
      await owner.close();

      const second = await ConsolePage.open(browser, farm.console);
      await second.page.getByText('was used before').waitFor();
      await second.close();
    });
  });

  describe('while an answer comes', () => {
    let upstream: ScriptedUpstream;
    let home: TestHome;
    let farm: RunningProcess;
    const newestReceipt = async () => {
      const answer = await fetch(`${farm.url}/cadre/v1/receipts?limit=1`);
      return ((await answer.json()) as { receipts: Receipt[] }).receipts[0];
    };
    const openWith = async (model: string, options = {}) => {
      const console = await ConsolePage.open(browser, farm.url, options);
      await console.choose(model);
      return console;
    };
    beforeAll(async () => {
      upstream = await ScriptedUpstream.start();
      home = new TestHome(remoteFarm(upstream.url));
      farm = await home.up();
    });
    afterAll(async () => {
      await home?.remove();
      await upstream?.stop();
    });

    it('grows the text piece by piece, and the life of the request beside it', async () => {
      const console = await openWith('writer');
      await console.ask('Write something');
      const answer = await upstream.next();
      await console.life.getByTestId('route').getByText('writer').waitFor();
      answer.write('The first words');
      await console.answer.getByText('The first words').waitFor();
      expect(await console.turn.getAttribute('data-state')).toBe('running');
      expect(await console.life.getByTestId('cost').count()).toBe(0);
      answer.write(
        ' and the last.\n\n```python\ndef double(number):\n    return number * 2\n```\n',
      );
      answer.end();
      await console.waitForState('done');
      expect(await console.answer.innerText()).toContain('The first words and the last.');
      await console.answer.locator('span', { hasText: /^def$/ }).waitFor();
      expect(await console.life.getByTestId('cost').innerText()).toMatch(/^\$0\.0000/);
      expect(await console.life.getByTestId('checks').innerText()).toContain('Complete');
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('stops for good: the model is let go and the receipt says cancelled', async () => {
      const console = await openWith('writer');
      await console.ask('Write without an end');
      const answer = await upstream.next();
      answer.write('On and on');
      await console.answer.getByText('On and on').waitFor();
      await console.page.getByRole('button', { name: 'Stop' }).click();
      await console.waitForState('stopped');
      await answer.closed;
      await console.life.getByTestId('outcome').getByText('cancelled').waitFor();
      expect((await newestReceipt())?.outcome).toBe('cancelled');
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('keeps the chosen name over a reload and begins anew on request', async () => {
      const console = await openWith('writer');
      await console.ask('One question');
      (await upstream.next()).end();
      await console.waitForState('done');
      await console.page.getByRole('button', { name: 'New chat' }).click();
      await console.page.getByRole('heading', { name: 'Ask the farm' }).waitFor();
      expect(await console.page.getByTestId('turn').count()).toBe(0);
      await console.page.reload();
      await console.page.getByLabel('Who answers').getByText('writer').waitFor();
      await console.close();
    });

    it('follows the end of a long answer, but not against a reader who scrolled up', async () => {
      const console = await openWith('writer');
      const box = console.page.getByTestId('scroll');
      const toEnd = () =>
        box.evaluate((one) => one.scrollHeight - one.clientHeight - one.scrollTop);
      await console.ask('Write a lot');
      const answer = await upstream.next();
      answer.write(LONG);
      await console.answer.getByText('Paragraph 40.').waitFor();
      await expect.poll(toEnd).toBeLessThan(2);
      await box.hover();
      await console.page.mouse.wheel(0, -600);
      await console.page.getByRole('button', { name: 'To the newest text' }).waitFor();
      const before = await box.evaluate((one) => one.scrollTop);
      answer.write('\n\nThe very last paragraph.');
      answer.end();
      await console.waitForState('done');
      expect(await box.evaluate((one) => one.scrollTop)).toBe(before);
      await console.page.getByRole('button', { name: 'To the newest text' }).click();
      await expect.poll(toEnd).toBeLessThan(2);
      await console.close();
    });

    it('fetches nothing that a model names and runs nothing that it writes', async () => {
      const console = await openWith('writer');
      const fetched: string[] = [];
      console.page.on('request', (request) => fetched.push(request.url()));
      await console.ask('Show a picture');
      const answer = await upstream.next();
      answer.write('![chart](https://pictures.example/a.png) <script>document.title="x"</script>');
      answer.write('\n\n<img src="https://pictures.example/b.png" onerror="document.title=1"> end');
      answer.end();
      await console.waitForState('done');
      expect(await console.answer.innerText()).toContain('not fetched');
      expect(await console.page.title()).toBe('Cadre');
      expect(fetched.filter((url) => !url.startsWith(farm.url))).toEqual([]);
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('marks the cited sentence, and declines with the nearest passages', async () => {
      const folder = join(home.path, 'travel');
      mkdirSync(folder);
      const sentence = 'The daily allowance is 38 euros.';
      writeFileSync(join(folder, 'travel.md'), `# Travel\n\n${sentence} Receipts are kept.\n`);
      expect((await home.run(['index', folder, '--name', 'travel'])).code).toBe(0);
      const console = await openWith('knowledge:travel', PHONE);
      await console.ask('How much is the daily allowance?');
      const answer = await upstream.next();
      answer.write(`${sentence} [1]`);
      answer.end();
      await console.waitForState('done');
      expect(await console.turn.getByTestId('citations').innerText()).toContain('travel.md:3');
      // On a narrow screen the life opens as a sheet.
      await console.answer.getByRole('link', { name: 'Source 1' }).click();
      const sheet = console.page.getByRole('dialog');
      expect(await sheet.locator('mark').innerText()).toContain(sentence);
      expect(await sheet.getByTestId('sources').innerText()).toContain('Receipts are kept.');
      await sheet.getByRole('button', { name: 'Close' }).click();
      await console.ask('Who grants the daily allowance of the allowance?');
      const second = await upstream.next();
      second.write('NOT IN DOCUMENTS');
      second.end();
      await console.waitForState('done');
      expect(await console.turn.getByTestId('declined').innerText()).toContain('travel.md');
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    it('says so when the farm goes away in the middle', async () => {
      const console = await openWith('writer');
      await console.ask('Write slowly');
      (await upstream.next()).write('Half of');
      await console.answer.getByText('Half of').waitFor();
      await farm.kill('SIGKILL');
      await console.waitForState('failed');
      expect(await console.turn.getByTestId('problem').innerText()).toContain('cadre up');
      expect(await console.answer.innerText()).toContain('Half of');
      await console.close();
    });
  });
});
