import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { SpecialistManifest } from '../../src/core/specialist.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { TestHome } from './farm-process.ts';

interface Seen {
  readonly specialist: {
    readonly versions: readonly { readonly manifest: Pick<SpecialistManifest, 'data'> }[];
  };
}

it('makes a specialist from kept requests to another, with who said its labels', async () => {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const farm = await home.up();
  writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
  const first = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
  expect(first.code, first.stderr).toBe(0);
  const key = await home.run([
    'keys',
    'add',
    'app',
    '--keep-text',
    '--groups',
    'operator',
    '--json',
  ]);
  const { secret } = JSON.parse(key.stdout) as { secret: string };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
  for (const { text } of petRows(2).slice(0, 60)) {
    const messages = [{ role: 'user', content: `${text} ann@example.org` }];
    const body = JSON.stringify({ model: 'pets', messages });
    const answer = await fetch(`${farm.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
    });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  const why = await home.run(['why']);
  expect(why.stdout).toMatch(
    /Taught by\n {2}pets@1 answered; it is live now\n {2}from \d+ rows: rows\.csv, a file of the machine, SHA-256 [0-9a-f]{64}/,
  );
  const words = ['train', '--from-traffic', '--capability', 'pets', '--name', 'pets-two', '--json'];
  const made = await home.run(words);
  expect(made.code, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ specialist: 'pets-two@1', live: true });
  const url = `${farm.url}/cadre/v1/specialists/pets-two`;
  const seen = (await (await fetch(url, { headers })).json()) as Seen;
  const data = seen.specialist.versions[0]?.manifest.data;
  expect(data).toMatchObject({ provenance: 'traffic', name: 'traffic of pets' });
  expect(data?.sources?.judge).toBeGreaterThanOrEqual(20);
  expect(JSON.stringify(seen)).not.toContain('ann@example.org');
}, 60_000);
