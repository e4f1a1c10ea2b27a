import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OLLAMA_SERVER } from '../contracts/server-doubles.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { ConsolePage, findChromium, startBrowser } from './browser.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const CONFIG = `
fleet: { starter: false }
spokes:
  - { id: pets-here, kind: classifier, model: device/pets, fallback: [pets] }
  - { id: pets-alone, kind: classifier, model: device/pets }
`;
const chromium = findChromium();

describe.skipIf(chromium === undefined)(
  'devices and servers in the console',
  { timeout: 120_000 },
  () => {
    let browser: Browser;
    let home: TestHome;
    let farm: RunningProcess;
    const ask = async (model: string) => {
      const answer = await fetch(`${farm.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model,
          messages: [{ role: 'user', content: 'my dog will not eat today' }],
        }),
      });
      return (await answer.json()) as {
        readonly choices?: readonly { readonly message: { readonly content: string } }[];
        readonly cadre?: { readonly spoke: string };
        readonly error?: { readonly code: string; readonly message: string };
      };
    };
    beforeAll(async () => {
      browser = await startBrowser(chromium ?? '');
      home = new TestHome();
      writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
      const told = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
      expect(told.code, told.stderr).toBe(0);
      // A spoke may only fall back on one that is there.
      writeFileSync(join(home.path, 'cadre.yaml'), CONFIG);
      farm = await home.up();
    });
    afterAll(async () => {
      await browser?.close();
      await home?.remove();
    });

    it('runs a specialist in the tab while it is open, and the farm goes on without it', async () => {
      const before = await ask('pets-alone');
      expect(before.error?.message).toContain('no page runs pets now');
      const { page, complaints, close } = await open();
      await page.getByRole('button', { name: 'Serve from this tab' }).click();
      const standing = page.getByTestId('device-standing');
      await standing.getByText('3 labels').waitFor();
      for (const model of ['pets-alone', 'pets-here']) {
        const answer = await ask(model);
        expect(answer.choices?.[0]?.message.content, JSON.stringify(answer)).toBe('feeding');
        expect(answer.cadre?.spoke).toBe(model);
      }
      await standing.getByText('2 answered').waitFor();
      expect(complaints).toEqual([]);
      await close();
      while ((await ask('pets-alone')).error === undefined)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await ask('pets-here')).cadre?.spoke).toBe('pets');
    });

    it('leaves when it is told to', async () => {
      const { page, close } = await open();
      await page.getByRole('button', { name: 'Serve from this tab' }).click();
      await page.getByTestId('device-standing').waitFor();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('button', { name: 'Serve from this tab' }).waitFor();
      expect((await ask('pets-alone')).error).toBeDefined();
      await close();
    });

    it('shows on the fleet’s page what other servers have in memory, and loads it there', async () => {
      const ollama = await OLLAMA_SERVER.start();
      const there = `destinations: [{ id: desk, vendor: ollama, url: '${ollama.vendor.url}' }]\n`;
      writeFileSync(join(home.path, 'cadre.yaml'), `${CONFIG}${there}`);
      const console = await ConsolePage.open(browser, `${farm.url}/fleet`);
      const tiny = console.page
        .getByTestId('servers')
        .locator('li', { hasText: 'desk/tiny:latest' });
      await tiny.getByText('out').waitFor();
      await tiny.getByRole('button', { name: 'Load' }).click();
      await tiny.getByText('resident, 5.14 GB').waitFor();
      expect([...ollama.held]).toEqual(['tiny:latest']);
      const told = await home.run(['ps']);
      expect(told.stdout).toMatch(/desk\/tiny:latest +resident +5\.14/);
      await tiny.getByRole('button', { name: 'Unload' }).click();
      await tiny.getByText('out').waitFor();
      expect(console.complaints).toEqual([]);
      await console.close();
    });

    async function open() {
      const console = await ConsolePage.open(browser, `${farm.url}/device`);
      await console.page.getByRole('heading', { name: 'This device', exact: true }).waitFor();
      return {
        page: console.page,
        complaints: console.complaints,
        close: () => console.close(),
      };
    }
  },
);
