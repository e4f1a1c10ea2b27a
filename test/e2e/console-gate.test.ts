import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const chromium = findChromium();
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Two spokes outside the farm, one ten times as dear. */
function twoSpokes(url: string): string {
  return `
fleet: { starter: false }
destinations:
  - id: desk
    kind: openai
    url: "${url}"
    clearance: internal
    prices: { small: { input: 1, output: 2 }, large: { input: 10, output: 20 } }
spokes:
  - { id: cheap, model: desk/small }
  - { id: dear, model: desk/large }
`;
}

/** `cheap` is as good as `dear` at colours and knows no sums. */
function pastRequests(count: number, seed: number): string {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `Add ${Math.floor(9999 * random())} and ${at}`
      : `Name the colour of thing ${at}`;
    const right = random() < 0.95 ? 1 : 0;
    const scores = { cheap: isSum ? 0 : right, dear: right };
    return JSON.stringify({ prompt, scores, costs: { cheap: 1, dear: 10 } });
  }).join('\n');
}

describe.skipIf(chromium === undefined)('the gate’s page', { timeout: 60_000 }, () => {
  let browser: Browser;
  let upstream: ScriptedUpstream;
  let home: TestHome;
  let farm: RunningProcess;
  const open = async (options = {}) => {
    const console = await ConsolePage.open(browser, `${farm.url}/gate`, options);
    await console.page.getByRole('heading', { name: 'Gate', exact: true }).waitFor();
    return console;
  };
  const makeGate = async (seed: number) => {
    const file = join(home.path, `past-${seed}.jsonl`);
    writeFileSync(file, pastRequests(300, seed));
    const told = await home.run(['gate', 'fit', file, '--loss', '0.1', '--json']);
    expect(told.stderr + told.code).toBe('0');
  };
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
    upstream = await ScriptedUpstream.start();
    home = new TestHome(twoSpokes(upstream.url));
    farm = await home.up();
  });
  afterAll(async () => {
    await browser?.close();
    await home?.remove();
    await upstream?.stop();
  });

  it('says without a fitted gate how to make one, and decides all the same', async () => {
    const console = await open();
    const { page } = console;
    await page.getByTestId('not-fitted').getByText('cadre gate fit').waitFor();
    expect(await page.getByTestId('in-force').innerText()).toContain('starter’s table');
    expect(await page.getByTestId('gates').count()).toBe(0);
    await page.getByLabel('What would you do').fill('Name the colour of grass');
    await page.keyboard.press('Enter');
    await page.getByTestId('decision').getByTestId('candidates').getByText('dear').waitFor();
    expect(await page.getByTestId('bound').count()).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('shows the promise in figures and the curve of the gate in force', async () => {
    await makeGate(1);
    const console = await open();
    const { page } = console;
    await page.getByTestId('in-force').getByText('Gate 1 decides').waitFor();
    const promise = await page.getByTestId('promise').innerText();
    expect(promise).toMatch(/at most 10 % of what dear gets right, with 90 % confidence/);
    const status = await (await fetch(`${farm.url}/cadre/v1/gate`)).json();
    const { gate } = status as { gate: { certificate: { slices: object[] }; versions: object[] } };
    const rows = page.getByRole('table').locator('tbody tr');
    expect(await rows.count()).toBe(gate.certificate.slices.length);
    expect(promise).toMatch(/\d+ of \d+/);
    expect(await page.getByTestId('gate-1').innerText()).toMatch(/You would have saved \d/);
    const curve = page.getByRole('img', { name: /you would have saved/ });
    await expect
      .poll(() =>
        curve.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBeGreaterThan(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('tells what it would do with a request, and asks no model', async () => {
    const console = await open();
    const { page } = console;
    const decide = async (text: string, spoke: string) => {
      await page.getByLabel('What would you do').fill(text);
      await page.keyboard.press('Enter');
      await page.getByTestId('chosen').getByText(spoke, { exact: true }).waitFor();
      return page.getByTestId('decision').innerText();
    };
    const cheap = await decide('Name the colour of thing 7', 'cheap');
    expect(cheap).toMatch(/loses at most 10 %/);
    expect(cheap).toMatch(/\d % \(\d+ %–\d+ %\) · \$[\d.]+ · \d/);
    expect(cheap).toMatch(/What the question looks like.*Told by “.+Seen: \d+ words/s);
    expect(await page.getByTestId('bound').innerText()).toContain('≤ 10 %');
    await decide('Add 1234 and 77', 'dear');
    expect(await page.getByTestId('counterfactual').innerText()).toContain('cheap would have been');
    await page.getByTestId('rejected').locator('summary').press('Enter');
    expect(await page.getByTestId('rejected').innerText()).toMatch(/hub .+/);
    expect(upstream.untaken).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('shows bound, prices and counterfactual in the trace of a request', async () => {
    const console = await ConsolePage.open(browser, farm.url);
    await console.choose('auto');
    await console.ask('Add 1234 and 77');
    const answer = await upstream.next();
    answer.write('1311');
    answer.end();
    await console.waitForState('done');
    expect(await console.life.getByTestId('bound').innerText()).toContain('Expected here');
    expect(await console.life.getByTestId('candidates').innerText()).toMatch(/\$[\d.]+ · /);
    await console.life.getByTestId('counterfactual').getByText('would have been chosen').waitFor();
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('puts a gate in force and rolls back by keyboard, on a phone, after a second look', async () => {
    await makeGate(2);
    expect((await home.run(['gate', 'use', '1'])).code).toBe(0);
    const console = await open(PHONE);
    const { page } = console;
    const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    await page.getByTestId('gate-2').waitFor();
    expect(await page.evaluate(wide)).toBe(0);
    for (const name of ['Chat', 'Fleet', 'Gate'])
      expect(await page.getByRole('link', { name }).isVisible()).toBe(true);
    const button = page.getByTestId('gate-2').getByRole('button', { name: 'Put in force' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Put gate 2 in force?').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByTestId('in-force').innerText()).toBe('Gate 1 decides');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).press('Enter');
    await page.getByTestId('in-force').getByText('Gate 2 decides').waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByText('Go back to gate 1?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByTestId('in-force').getByText('Gate 1 decides').waitFor();
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('shows how shadow runs stand and how often spokes agree', async () => {
    const console = await open(PHONE);
    const { page } = console;
    const shadow = page.getByTestId('shadow');
    await shadow.getByText('cadre gate shadow --rate 1%').waitFor();
    expect((await home.run(['gate', 'shadow', '--rate', '1%'])).code).toBe(0);
    await page.route('**/cadre/v1/gate/shadow', async (route) => {
      const { shadow: told } = (await (await route.fetch()).json()) as { shadow: object };
      const cell = { spoke: 'cheap', beside: 'dear', task: 'arithmetic', answers: 9, compared: 8 };
      const agreements = [{ ...cell, agreement: 0.75, low: 0.4, high: 0.93 }];
      await route.fulfill({ json: { shadow: { ...told, answers: 9, graded: 8, agreements } } });
    });
    await page.reload();
    await shadow.getByText('1 %', { exact: true }).waitFor();
    const words = await shadow.innerText();
    expect(words).toMatch(/No budget is set, so cheap and dear may not be asked/);
    expect(words).toMatch(/9 answers, 8 graded/);
    expect(words).toMatch(/8 of 9\s+75 % \(40 % to 93 %\)/);
    const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(wide)).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
    expect((await home.run(['gate', 'shadow', '--reset'])).code).toBe(0);
  });

  it('warns of a spoke that fell, with what it did to the promise', async () => {
    const console = await open();
    const { page } = console;
    const alarm = '`cheap` was right in 3 of 20; its part of the promise is suspended';
    await page.route('**/cadre/v1/gate', async (route) => {
      const { gate } = (await (await route.fetch()).json()) as { gate: object };
      await route.fulfill({
        json: { gate: { ...gate, drift: { outcomes: 20, alarms: [alarm] } } },
      });
    });
    await page.reload();
    await page.getByRole('alert').getByText('A spoke became worse.').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('is suspended.');
    await page.getByText('20 graded answers watched').waitFor();
    await console.close();
  });

  it('shows a spoke that joined, and that the promise was made without it', async () => {
    const console = await open(PHONE);
    const { page } = console;
    await page.route('**/cadre/v1/gate', async (route) => {
      const { gate } = (await (await route.fetch()).json()) as { gate: object };
      const joined = [{ spoke: 'fresh', rows: 120, isCertified: false }];
      await route.fulfill({ json: { gate: { ...gate, joined } } });
    });
    await page.reload();
    const words = await page.getByTestId('joined').innerText();
    expect(words).toMatch(/fresh joined without a new fit, known by 120 graded requests/);
    expect(words).toMatch(/made without it: auto asks it after cadre gate certify/);
    const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(wide)).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('warns in words of a promise that does not hold and of a gate that is damaged', async () => {
    const file = (name: string) => join(home.path, 'gate', '1', name);
    writeFileSync(file('certificate.json'), '{}');
    writeFileSync(file('report.json'), '{}');
    expect((await home.run(['gate', 'use', '1'])).code).toBe(0);
    const console = await open();
    const { page } = console;
    await page.getByRole('alert').getByText('Nothing is promised now.').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('certificate is damaged');
    await page.getByTestId('gate-1').getByText('damaged or missing').waitFor();
    writeFileSync(file('model.bin'), 'nonsense');
    mkdirSync(join(home.path, 'gate', '3'));
    await page.getByTestId('gate-2').getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click();
    await page.getByTestId('in-force').getByText('Gate 2 decides').waitFor();
    await page.getByTestId('gate-1').getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click();
    await page.getByTestId('gates').getByRole('alert').waitFor();
    expect(await page.getByTestId('in-force').innerText()).toBe('Gate 2 decides');
    await console.close();
  });
});
