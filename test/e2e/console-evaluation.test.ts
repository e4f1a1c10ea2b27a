import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const chromium = findChromium();
const GROUNDING = {
  evaluation: 'grounding',
  metrics: {
    balancedAccuracy: { value: 0.731, low: 0.67, high: 0.78 },
    reliability: [
      { from: 0, rows: 20, weight: 0.4, meanProbability: 0.1, supported: 0.2 },
      { from: 0.9, rows: 30, weight: 0.6, meanProbability: 0.95, supported: 0.9 },
    ],
    dial: [
      { threshold: 0.5, shown: 0.8, unsupported: 0.1 },
      { threshold: 0.9, shown: 0.4, unsupported: 0.02 },
    ],
  },
  seed: 7,
};
const RETRIEVAL = {
  evaluation: 'retrieval',
  legs: [{ leg: 'lexical', ndcg10: { value: 0.44, low: 0.4, high: 0.48 } }],
};

describe.skipIf(chromium === undefined)('the evaluation page', { timeout: 60_000 }, () => {
  let browser: Browser;
  let home: TestHome;
  let farm: RunningProcess;
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
    home = new TestHome();
    farm = await home.up();
  });
  afterAll(async () => {
    await browser?.close();
    await home?.remove();
  });

  it('draws what commands printed, and says what is no result', async () => {
    const console = await ConsolePage.open(browser, `${farm.url}/evaluation`);
    const { page } = console;
    const open = (name: string, text: string) =>
      page
        .getByLabel('Open result files')
        .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await open('grounding.txt', `120 claims\nRESULT ${JSON.stringify(GROUNDING)}\n`);
    await page.getByRole('heading', { name: 'grounding, seed 7' }).waitFor();
    expect(await page.getByRole('row').last().innerText()).toMatch(
      /balancedAccuracy\s+0\.731\s+0\.67 … 0\.78/,
    );
    expect(await page.getByTestId('reliability').locator('circle').count()).toBe(2);
    expect(await page.getByTestId('dial').locator('circle').count()).toBe(2);
    await open('retrieval.json', JSON.stringify(RETRIEVAL));
    await page.getByText('legs › lexical › ndcg10').waitFor();
    await open('other.txt', 'nothing');
    await page.getByText('other.txt holds no result').waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      'retrieval',
      'grounding, seed 7',
    ]);
    expect(console.complaints).toEqual([]);
    await console.close();
  });
});
