import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsolePage, findChromium, startBrowser } from '../e2e/browser.ts';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { CODER_SMALL, findModel, SMOLLM2 } from './model-paths.ts';

const chromium = findChromium();
const missing = [SMOLLM2, CODER_SMALL].some((model) => findModel(model) === undefined);
/** Every spoke on the two small models, as in farm.test.ts. */
const SMALL_FARM = `
fleet: { starter: false, memoryBudget: 4000000000 }
spokes:
  - { id: coder, model: qwen2.5-coder-0.5b-instruct-q4_k_m, maxTokens: 120, tasks: [code], sampling: { temperature: 0 } }
  - { id: general, model: qwen2.5-coder-0.5b-instruct-q4_k_m, maxTokens: 120, sampling: { temperature: 0 } }
  - { id: grounded-large, kind: grounded, model: qwen2.5-coder-0.5b-instruct-q4_k_m, maxTokens: 120, tasks: [document-question], sampling: { temperature: 0 } }
`;
/** Run in the page before a question: the different lengths that its answer had before it ended. */
const LENGTHS = `new Promise((done) => {
  const turns = () => document.querySelectorAll('[data-testid="turn"]');
  const before = turns().length;
  const seen = new Set();
  // With every change of the page: looking now and then missed what a busy machine drew in between.
  const observer = new MutationObserver(() => {
    const turn = turns()[before];
    const answer = turn?.querySelector('[data-testid="answer"]');
    // The status line stands in the same place until the first word.
    if (answer && !answer.querySelector('[role="status"]')) seen.add(answer.innerText.length);
    if (turn === undefined || turn.dataset.state === 'running') return;
    observer.disconnect();
    done([...seen]);
  });
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  observer.observe(document.body, all);
})`;

describe.skipIf(chromium === undefined || missing)(
  'the console on real weights',
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    let home: TestHome;
    let farm: RunningProcess;
    let console: ConsolePage;

    beforeAll(async () => {
      browser = await startBrowser(chromium ?? '');
      home = new TestHome(SMALL_FARM);
      home.linkModels();
      farm = await home.up();
      const folder = join(home.path, 'handbook');
      mkdirSync(folder);
      writeFileSync(
        join(folder, 'travel.md'),
        '# Travel\n\nTrips abroad are approved by the head of department. The daily allowance is 38 euros.\n',
      );
      const index = await home.run(['index', folder, '--name', 'handbook']);
      expect(index.code, index.stderr).toBe(0);
      console = await ConsolePage.open(browser, farm.console);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await home?.remove();
    });

    it('streams an answer and shows its route, checks and cost', async () => {
      await console.choose('quick');
      const watching = console.page.evaluate(LENGTHS);
      await console.ask('Write two sentences about a lighthouse.');
      const lengths = (await watching) as number[];
      await console.waitForState('done');
      expect(lengths.length).toBeGreaterThan(2);
      expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
      expect(await console.life.getByTestId('route').innerText()).toBe('quick');
      expect(await console.life.getByTestId('model').innerText()).toContain('loaded');
      expect(await console.life.getByTestId('checks').innerText()).toContain('No repetition');
      expect(await console.life.getByTestId('cost').innerText()).toMatch(/^(under )?\$0\.0000/);
      expect(await console.life.getByTestId('outcome').innerText()).toBe('answered');
    });

    it('lets the gate choose and shows why', async () => {
      await console.choose('auto');
      await console.ask('Hello there, how are you today?');
      await console.waitForState('done');
      const life = await console.life.innerText();
      expect(await console.life.getByTestId('route').innerText()).toBe('quick');
      expect(await console.life.getByTestId('runner-up').count()).toBeLessThan(2);
      expect(life).toContain('Probability of a right answer');
      expect(life).toContain('nothing leaves this machine');
    });

    it('answers from a folder with the cited sentence marked', async () => {
      await console.choose('knowledge:handbook');
      await console.ask('How much is the daily allowance?');
      await console.waitForState('done');
      expect(await console.answer.innerText()).toContain('38');
      expect(await console.turn.getByTestId('citations').innerText()).toContain('travel.md:3');
      await console.answer.getByRole('link', { name: 'Source' }).first().click();
      expect(await console.life.locator('mark').first().innerText()).toContain('38 euros');
      await console.turn.getByTestId('citations').getByRole('link').first().click();
      const cited = console.page.getByTestId('reader').getByTestId('cited');
      await cited.waitFor();
      expect(await cited.innerText()).toContain('38 euros');
      await console.page.goBack();
    });

    it('declines what the folder does not hold', async () => {
      await console.ask('What does lunch in the cafeteria cost?');
      await console.waitForState('done');
      const declined = console.turn.getByTestId('declined');
      expect(await declined.innerText()).toContain('No answer, rather than a guess');
      expect(await console.life.getByTestId('headline').innerText()).toBe('Declined');
    });

    it('shows what is resident and how fast it is, and unloads it', async () => {
      await console.page.getByRole('link', { name: 'Fleet' }).click();
      const card = console.page.getByTestId('model-smollm2-135m-instruct-q4_1');
      await card.getByTestId('model-state').getByText('resident').waitFor();
      const figures = await card.getByTestId('figures').innerText();
      expect(figures).toMatch(/\d+ MB in memory/);
      expect(figures).toMatch(/writes \d+ tokens\/s/);
      await card.getByRole('button', { name: 'Unload' }).click();
      await card.getByTestId('model-state').getByText('installed').waitFor();
      const tally = console.page.getByTestId('fleet-moves');
      expect(await tally.getByTestId('tally').innerText()).toMatch(/\d+ loads? saved/);
      expect(await tally.getByRole('list').innerText()).toContain(
        'smollm2-135m-instruct-q4_1 loaded',
      );
      await card.getByRole('button', { name: 'Pin' }).click();
      await card.getByTestId('model-state').getByText('resident, pinned').waitFor();
      expect(await card.getByRole('button', { name: 'Unload' }).isDisabled()).toBe(true);
      await card.getByRole('button', { name: 'Unpin' }).click();
      await card.getByTestId('model-state').getByText('resident', { exact: true }).waitFor();
      const legend = console.page.getByLabel('Models in the chart');
      expect(await legend.innerText()).toContain('smollm2-135m-instruct-q4_1');
      expect(console.complaints).toEqual([]);
    });
  },
);
