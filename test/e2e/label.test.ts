import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GivenLabel, LabelQueue } from '../../src/core/labelling.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const chromium = findChromium();

describe('labels that people give kept requests', { timeout: 120_000 }, () => {
  const home = new TestHome();
  let farm: RunningProcess;
  let browser: Browser | undefined;
  const read = async (...words: string[]) => {
    const told = await home.run(['label', 'pets', ...words, '--json']);
    expect(told.code, told.stderr).toBe(0);
    return JSON.parse(told.stdout) as unknown;
  };
  const given = () => read('--given') as Promise<readonly GivenLabel[]>;
  beforeAll(async () => {
    farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    const made = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
    expect(made.code, made.stderr).toBe(0);
    const words = ['keys', 'add', 'app', '--keep-text', '--json'];
    const { secret } = JSON.parse((await home.run(words)).stdout) as { secret: string };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
    const url = `${farm.url}/v1/chat/completions`;
    for (const { text } of petRows(2, 10)) {
      const messages = [{ role: 'user', content: `${text} ann@example.org` }];
      const body = JSON.stringify({ model: 'pets', messages });
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    }
    const closed = await fetch(`${farm.url}/cadre/v1/labels?name=pets`, { headers });
    expect(closed.status).toBe(403);
    const asked = { method: 'POST', headers, body: JSON.stringify({ name: 'pets' }) };
    expect((await fetch(`${farm.url}/cadre/v1/label-queue`, asked)).status).toBe(403);
  });
  afterAll(async () => {
    await browser?.close();
    await home.remove();
  });

  it('asks for them one after the other, and keeps each answer at once', async () => {
    const queue = (await read()) as LabelQueue;
    expect(queue).toMatchObject({ capability: 'pets', specialist: 'pets@1', given: 0 });
    expect(JSON.stringify(queue)).not.toContain('ann@example.org');
    const keys = ['2', 's', 'what', '/vet', 'u', '+grooming', 'q', '1'];
    const told = await home.run(['label', 'pets'], `${keys.join('\n')}\n`);
    expect(told.code, told.stderr).toBe(0);
    expect(told.stderr).toContain('there is no label “what”');
    expect(told.stdout).toContain('2 labels given; 2 of');
    const [second, first] = await given();
    expect(first).toMatchObject({ row: queue.rows[0]?.row, label: 'feeding', key: 'loopback' });
    expect(second).toMatchObject({ row: queue.rows[2]?.row, label: 'grooming' });

    // Killed at once: what was acknowledged is there.
    const row = queue.rows[5]?.row ?? '';
    await read('--row', row, '--label', 'vet');
    await farm.kill('SIGKILL');
    farm = await home.up();
    expect((await given())[0]).toMatchObject({ row, label: 'vet' });
    const typo = await home.run(['label', 'pets', '--row', row, '--label', 'vets']);
    expect(typo.code).toBe(1);
    expect(typo.stderr).toContain('did you mean “vet”?');
    await read('--take-back', row);
    expect(await given()).toHaveLength(2);
  });

  it.skipIf(chromium === undefined)('takes them in the console by keys', async () => {
    browser = await startBrowser(chromium ?? '');
    const before = (await given()).length;
    const console = await ConsolePage.open(browser, farm.console);
    const { page } = console;
    await page.getByRole('link', { name: 'specialists' }).click();
    await page.getByTestId('specialist-pets').getByRole('link', { name: 'Label' }).click();
    const row = page.getByTestId('label-row');
    await row.waitFor();
    const shown = await row.getAttribute('data-row');
    // The keys are of all labels there are: booking, feeding, grooming, vet.
    await page.keyboard.press('4');
    await page.getByText(`${before + 1} texts of`).waitFor();
    expect((await given())[0]).toMatchObject({ row: shown, label: 'vet' });
    await page.keyboard.press('s');
    await page.getByText('row 3 of').waitFor();
    await page.keyboard.press('u');
    await page.getByText(`${before} texts of`).waitFor();
    expect(await row.getAttribute('data-row')).toBe(shown);
    await page.getByLabel('Another label').fill('grooming');
    await page.getByLabel('Another label').press('Enter');
    await page.getByText('row 2 of').waitFor();
    const labels = await given();
    expect(labels).toHaveLength(before + 1);
    expect(labels[0]).toMatchObject({ row: shown, label: 'grooming' });
    expect(console.complaints).toEqual([]);
    await console.close();
  });
});
