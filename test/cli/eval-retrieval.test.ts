import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { retrievalEvaluation } from '../../src/cli/eval-retrieval.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-eval-retrieval-'));
const corpus = ['pump moves water', 'lamp gives light', 'valve closes pipe'];
writeFileSync(
  join(folder, 'corpus.jsonl'),
  corpus.map((text, at) => JSON.stringify({ _id: `d${at}`, text })).join('\n'),
);
writeFileSync(join(folder, 'queries.jsonl'), '{"_id":"q","text":"which lamp"}\n');
writeFileSync(join(folder, 'qrels.tsv'), 'q\td1\t1\n');

afterEach(() => vi.restoreAllMocks());

function run(flags: Readonly<Record<string, string>>, json = false) {
  const told: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  const { signal } = new AbortController();
  const connect = () => Promise.reject(new Error('no farm is needed'));
  return retrievalEvaluation
    .run({ words: ['retrieval'], flags: { corpus: folder, ...flags }, json, signal, connect })
    .then((code) => ({ code, text: told.join('') }));
}

it('tells the measures, ends with RESULT and keeps a line per query', async () => {
  const out = join(folder, 'rows.jsonl');
  const { code, text } = await run({ legs: 'lexical', out });
  expect(code).toBe(0);
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const { metrics } = JSON.parse(last.replace(/^RESULT /, ''));
  expect(metrics.legs[0]).toMatchObject({ leg: 'lexical', ndcg10: { value: 1 } });
  const [row] = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(JSON.parse(row ?? '')).toMatchObject({ leg: 'lexical', query: 'q', ranked: ['d1'] });
});

it('prints one JSON object on --json', async () => {
  const { text } = await run({ legs: 'lexical' }, true);
  expect(JSON.parse(text)).toMatchObject({ evaluation: 'retrieval', documents: 3, queries: 1 });
});

it.each<[Readonly<Record<string, string>>, RegExp]>([
  [{ legs: 'lexcal' }, /“lexcal” is none of .*did you mean lexical/],
  [{ legs: '' }, /“” is none of/],
  [{ seed: 'x' }, /--seed needs/],
  [{ out: join(folder, 'missing', 'rows.jsonl') }, /--out .*does not exist/],
])('refuses %j', async (flags, words) => {
  await expect(run(flags)).rejects.toThrow(words);
});
