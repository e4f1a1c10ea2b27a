import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { TestHome } from './farm-process.ts';

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

function newHome(config?: string): TestHome {
  const home = new TestHome(config);
  onTestFinished(() => home.remove());
  return home;
}

async function ask(url: string, model: string, text: string, more: object = {}) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: text }], ...more }),
  });
  const body = (await response.json()) as Answer;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body.choices[0]?.message.content;
}

describe('cadre train', () => {
  it('makes a specialist that the running farm serves at once, and the next one waits', async () => {
    const home = newHome();
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    const first = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
    expect(first.stderr).toContain('n-grams: ');
    expect(first.stdout).toContain('pets@1 is live: nothing is replaced');
    expect(first.stdout).toContain('underpowered');
    expect(first.code).toBe(0);
    expect(await ask(farm.url, 'pets', 'my dog will not eat his dinner today')).toBe('feeding');
    const format = { response_format: { type: 'json_object' } };
    const json = await ask(farm.url, 'pets', 'the cat needs her vaccination this week', format);
    expect(JSON.parse(json ?? '')).toMatchObject({ label: 'vet' });

    const more = await home.run([
      'train',
      'intents',
      '--data',
      'rows.csv',
      '--name',
      'pets',
      '--seed',
      '2',
      '--json',
    ]);
    expect(JSON.parse(more.stdout)).toMatchObject({ specialist: 'pets@2', live: false });
    const names = (await (await fetch(`${farm.url}/v1/models`)).json()) as {
      data: { id: string }[];
    };
    expect(names.data.map((one) => one.id)).toEqual(
      expect.arrayContaining(['pets', 'pets@1', 'pets@2']),
    );
    expect(
      (await home.run(['models', 'promote', 'pets', '--reason', 'looks fine'])).stdout,
    ).toMatch(/version 2 serves[\s\S]*looks fine/);
    expect(await ask(farm.url, 'pets', 'my dog will not eat his dinner today')).toBe('feeding');
    const why = await home.run(['why']);
    expect(why.stdout).toContain('pets@2');
    expect((await home.run(['models', 'rollback', 'pets'])).stdout).toContain('version 1 serves');
    expect((await home.run(['models', 'retire', 'pets'])).stdout).toContain('no version serves');
    const gone = await home.run(['ask', '--model', 'pets', 'hello']);
    expect(gone.code).not.toBe(0);
  }, 180_000);
});
