import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ratedTexts } from '../../bench/lib/rated-texts.ts';
import { seededRandom } from '../../src/base/random.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const chromium = findChromium();
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(chromium === undefined)('the specialists’ page', { timeout: 120_000 }, () => {
  let browser: Browser;
  let home: TestHome;
  let farm: RunningProcess;
  const open = async (options = {}) => {
    const console = await ConsolePage.open(browser, `${farm.url}/specialists`, options);
    await console.page.getByRole('heading', { name: 'Specialists', exact: true }).waitFor();
    return console;
  };
  const train = async (seed: string) => {
    const words = ['train', 'intents', '--data', 'rows.csv', '--name', 'pets', '--seed', seed];
    const told = await home.run([...words, '--json']);
    expect(told.code, told.stderr).toBe(0);
  };
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
    home = new TestHome();
    farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
  });
  afterAll(async () => {
    await browser?.close();
    await home?.remove();
  });

  it('says how to make one where there is none', async () => {
    const console = await open();
    await console.page.getByTestId('no-specialists').getByText('cadre train intents').waitFor();
    expect(await console.page.getByTestId('training-jobs').count()).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('shows versions with figures and lineage, promotes, rolls back and retires after a second look', async () => {
    await train('1');
    await train('2');
    const console = await open();
    const { page } = console;
    const pets = page.getByTestId('specialist-pets');
    await pets.getByText('Version 1 serves').waitFor();
    const told = await (await fetch(`${farm.url}/cadre/v1/specialists/pets`)).json();
    const { versions } = (
      told as {
        specialist: { versions: { manifest: { report: { accuracy: number } } }[] };
      }
    ).specialist;
    const accuracy = versions[0]?.manifest.report.accuracy ?? Number.NaN;
    expect(await pets.getByTestId('version-2').getByTestId('figures').innerText()).toContain(
      `${Number((100 * accuracy).toFixed(1))} % right`,
    );
    expect(await pets.getByTestId('lineage').getAttribute('aria-label')).toMatch(
      /version 1 serves; version 1, .* live; version 2 after 1, .* candidate/,
    );
    expect(await pets.getByTestId('lineage').locator('path').count()).toBe(1);
    expect(await pets.getByRole('button', { name: 'Roll back' }).count()).toBe(0);

    const second = pets.getByTestId('version-2');
    const confirm = async (label: string, words: string) => {
      await page.getByRole('dialog').getByText(words).waitFor();
      await page.getByRole('dialog').getByRole('button', { name: label }).click();
    };
    await second.getByRole('button', { name: 'Shadow' }).click();
    await confirm('Shadow', 'nobody is shown it');
    await second.getByText('It answers unseen beside version 1: 0 requests.').waitFor();
    expect(await second.getByRole('button', { name: 'Shadow' }).count()).toBe(0);
    await second.getByRole('button', { name: 'Try' }).click();
    await confirm('Try', 'answers 5 % of the requests');
    await second
      .getByText('On trial with 5 % of the requests beside version 1: 0 graded answers.')
      .waitFor();
    expect(await second.getByRole('button', { name: 'Try' }).count()).toBe(0);
    await second.getByRole('button', { name: 'Promote anyway' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await pets.getByTestId('serves').innerText()).toContain('Version 1 serves');
    await second.getByRole('button', { name: 'Promote anyway' }).press('Enter');
    await confirm('Promote anyway', 'the comparison said');
    await pets.getByText('Version 2 serves').waitFor();
    expect(await second.getByTestId('moves').innerText()).toMatch(
      /promoted by \S+ \(forced, underpowered\) – by hand in the console/,
    );
    await pets.getByRole('button', { name: 'Roll back' }).click();
    await confirm('Roll back', 'takes the place of version 2');
    await pets.getByText('Version 1 serves').waitFor();
    await pets.getByRole('button', { name: 'Retire', exact: true }).first().click();
    await confirm('Retire', 'refused from now on');
    await pets.getByText('No version serves').waitFor();
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('tells of a specialist for numbers how far off they are', async () => {
    const rows = ratedTexts(1, 60).map(({ text, score }) => `"${text}",${score}`);
    writeFileSync(join(home.path, 'stars.csv'), ['text,score', ...rows].join('\n'));
    const order = ['train', 'score', '--data', 'stars.csv', '--name', 'stars', '--alone'];
    expect((await home.run(order)).code).toBe(0);
    const console = await open();
    const stars = console.page.getByTestId('specialist-stars').getByTestId('version-1');
    expect(await stars.getByTestId('figures').innerText()).toMatch(/% within 0\.5 \(\d/);
    expect(await stars.getByTestId('grades').innerText()).toMatch(
      /^Off by [\d.]+ on average, always the middle number by [\d.]+; rank correlation 0\.\d/,
    );
    expect(await stars.innerText()).toContain('60 rows with numbers from 1 to 5, data');
    expect(console.complaints).toEqual([]);
    await console.close();
  });

  it('follows a training job and cancels it, on a phone', async () => {
    // Thirty labels told by words that say nothing: longer than it takes to cancel it.
    const random = seededRandom(1);
    const word = () => Math.floor(random() * 5000).toString(36);
    const rows = Array.from({ length: 12_000 }, (_, at) => ({
      text: Array.from({ length: 20 }, word).join(' '),
      label: `label-${at % 30}`,
    }));
    writeFileSync(join(home.path, 'many.csv'), petTable(rows));
    const body = { kind: 'intents', name: 'large', data: join(home.path, 'many.csv') };
    const leave = new AbortController();
    const story = fetch(`${farm.url}/cadre/v1/specialists`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: leave.signal,
    });
    const console = await open(PHONE);
    const { page } = console;
    const job = page.locator('[data-testid^="job-"]').filter({ hasText: 'large' });
    await job.getByText('running').waitFor();
    await job.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('dialog').getByText('Cancel the training of large?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await page.locator('[data-testid^="job-"][data-status="cancelled"]').waitFor();
    expect(await job.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    leave.abort();
    await story.catch(() => undefined);
    const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(wide)).toBe(0);
    expect(console.complaints).toEqual([]);
    await console.close();
  });
});
