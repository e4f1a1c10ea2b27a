import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, it, onTestFinished } from 'vitest';
import { TestHome } from './farm-process.ts';

const THINGS = ['lamp', 'ladder', 'kettle', 'saddle', 'anchor', 'violin', 'carpet', 'mirror'];

/** Which passage tells where a thing is: it names the thing in its title, the others only in passing. */
function rows(count: number): string {
  return Array.from({ length: count }, (_, at) => {
    const thing = `${THINGS[at % 8]} ${at}`;
    const text = [
      `${thing}: stands in hall ${at + 3}.`,
      `Whoever moves it asks first. The rules for a ${thing} are on the wall, and ${thing} is no toy.`,
      `Hall ${at + 3} is closed.`,
    ];
    return text.map((passage, place) =>
      JSON.stringify({ query: `where is ${thing}`, passage, relevant: place === 0 ? 1 : 0 }),
    );
  })
    .flat()
    .join('\n');
}

const DOCUMENTS = [
  'Rules for a piano are on the wall; a piano is no toy, and a piano is heavy.',
  'Hall 7 is closed.',
  'piano: stands in hall 7.',
];

it('cadre train rank makes a specialist that /v1/rerank orders by', async () => {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const farm = await home.up();
  const post = async (path: string, body: object) => {
    const response = await fetch(`${farm.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as {
      results: { index: number; relevance_score: number }[];
      error: { message: string };
      cadre: object;
      id: string;
    };
  };
  writeFileSync(join(home.path, 'rows.jsonl'), rows(40));
  const order = ['train', 'rank', '--data', 'rows.jsonl', '--name', 'places'];
  const made = await home.run(order);
  expect(made.stdout).toContain('places@1 is live');
  expect(made.stdout).toContain('120 for 40 queries');
  expect(made.stdout).toMatch(/accuracy +\d+\.\d % with a relevant passage first .* 40 held-out q/);
  expect(made.stdout).toMatch(/order +nDCG@10 [01]\.\d+ \(95 %/);
  expect(made.stdout).toMatch(/beside +BM25: nDCG@10 [01]\.\d+/);
  expect(made.stdout).toContain('no generalist beside it: lists of passages are not put to one');

  const wish = { model: 'places', query: 'where is the piano', documents: DOCUMENTS };
  const ranked = await post('/v1/rerank', wish);
  expect(ranked.results[0]?.index).toBe(2);
  expect(ranked.results[0]?.relevance_score).toBeGreaterThan(0.5);
  expect(ranked.results.at(-1)?.relevance_score).toBeLessThan(0.5);
  expect(ranked.cadre).toEqual({ legs: ['lexical'] });
  const why = await home.run(['why', ranked.id]);
  expect(why.stdout).toContain('places@1');
  const client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'any' });
  const names = (await client.models.list()).data.map((one) => one.id);
  expect(names).toEqual(expect.arrayContaining(['places', 'places@1']));
  // It answers no chat, and says where it does answer.
  const messages = [{ role: 'user' as const, content: 'where is the piano' }];
  await expect(client.chat.completions.create({ model: 'places', messages })).rejects.toThrow(
    '“places” orders passages; send it `query` and `documents` to /v1/rerank',
  );
  expect((await post('/v1/rerank', { ...wish, model: 'auto' })).results).toHaveLength(3);
  expect((await post('/v1/rerank', { ...wish, model: 'place' })).error.message).toContain(
    'did you mean “places”?',
  );

  // A next version by OpenAI's jobs; back and out of service as any specialist.
  const file = await client.files.create({
    file: await OpenAI.toFile(Buffer.from(rows(24)), 'rows.jsonl'),
    purpose: 'fine-tune',
  });
  const job = await client.fineTuning.jobs.create({
    model: 'cadre-rank',
    training_file: file.id,
    suffix: 'places',
  });
  await expect
    .poll(async () => (await client.fineTuning.jobs.retrieve(job.id)).status, { timeout: 60_000 })
    .toBe('succeeded');
  expect((await post('/v1/rerank', { ...wish, model: 'places@2' })).results).toHaveLength(3);
  const promoted = await home.run(['models', 'promote', 'places', '--force']);
  expect(promoted.stdout).toContain('places: version 2 serves');
  const back = await home.run(['models', 'rollback', 'places']);
  expect(back.stdout).toContain('places: version 1 serves');
  await home.run(['models', 'retire', 'places']);
  expect((await post('/v1/rerank', wish)).error.message).toContain('there is no model “places”');

  writeFileSync(join(home.path, 'labels.csv'), 'text,label\na,b\n');
  const other = await home.run(['train', 'rank', '--data', 'labels.csv', '--name', 'other']);
  expect(other.stderr).toContain('its fields are “text”, “label”; write {"query"');
  const taken = await home.run(['train', 'intents', '--data', 'labels.csv', '--name', 'places']);
  expect(taken.code).toBe(1);
}, 180_000);
