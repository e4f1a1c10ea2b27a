import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { evaluateRetrievalFolder } from '../../src/compose/retrieval-evaluation.ts';
import type { Embedder } from '../../src/core/ports.ts';

const { signal } = new AbortController();
const base = mkdtempSync(join(tmpdir(), 'cadre-retrieval-'));
let made = 0;

const CORPUS = [
  { _id: 'd1', title: 'Pumps', text: 'The feed pump moves water into the boiler.' },
  {
    _id: 'd2',
    title: '',
    text: 'A valve closes the pipe. The pump stops when the valve is closed.',
  },
  { _id: 3, text: 'Lamps give light to the engine room.' },
];
const QUERIES = [
  { _id: 'q1', text: 'what moves water into the boiler' },
  { _id: 'q2', text: 'light of the engine room' },
  { _id: 'q3', text: 'never judged' },
];
const QRELS = 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\t3\t1\nq3\td1\t0\n';

const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

function folder(changes: Readonly<Record<string, string | Uint8Array | undefined>> = {}): string {
  made += 1;
  const path = join(base, String(made));
  const files = {
    'corpus.jsonl': lines(CORPUS),
    'queries.jsonl': lines(QUERIES),
    'qrels.tsv': QRELS,
    ...changes,
  };
  mkdirSync(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** Two dimensions: how much of water, how much of light; enough to tell the legs apart. */
const embedder: Embedder = {
  id: 'two',
  dimensions: 2,
  async doEmbed(texts) {
    return texts.map((text) => {
      const water = /water|pump|valve/i.test(text) ? 1 : 0.1;
      const light = /light|lamp/i.test(text) ? 1 : 0.1;
      const size = Math.hypot(water, light);
      return Float32Array.of(water / size, light / size);
    });
  },
};

const evaluate = (
  corpus: string,
  wish: Partial<Parameters<typeof evaluateRetrievalFolder>[0]> = {},
  found: Embedder | undefined = undefined,
) =>
  evaluateRetrievalFolder(
    { corpus, seed: 1, ...wish },
    { denseWeight: 0.5, embedder: found, onProgress: () => undefined, signal },
  );

const refusal = (words: RegExp) =>
  expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(words) });

describe('cadre eval retrieval', () => {
  it('measures the leg by words where no embedder is installed, and says so', async () => {
    const { report, rows } = await evaluate(folder());
    expect(report).toMatchObject({ documents: 3, chunks: 3, queries: 2 });
    expect(report.leftOut).toEqual({ unjudgedQueries: 1, unknownQueries: 0, unknownDocuments: 0 });
    expect(report.missing).toMatch(/no embedder/);
    expect(report.legs.map((one) => one.leg)).toEqual(['lexical']);
    const [first, second] = rows;
    expect(first).toMatchObject({
      leg: 'lexical',
      query: 'q1',
      ndcg10: 2 / (2 + 1 / Math.log2(3)),
    });
    expect(first).toMatchObject({ recall100: 0.5, pass5: 0.5, ranked: ['d1'] });
    expect(second).toMatchObject({ query: 'q2', ndcg10: 1, pass5: 1, ranked: ['3'] });
    expect(report.legs[0]?.pass5.value).toBe(0.75);
  });

  it('measures all legs with an embedder, each as it ranks alone', async () => {
    const { report, rows } = await evaluate(folder(), {}, embedder);
    expect(report.missing).toBeUndefined();
    expect(report.legs.map((one) => one.leg)).toEqual(['lexical', 'dense', 'hybrid']);
    const of = (leg: string) => rows.find((row) => row.leg === leg && row.query === 'q1');
    expect(of('dense')?.recall100).toBe(1);
    expect(of('hybrid')?.ranked[0]).toBe('d1');
    const only = await evaluate(folder(), { legs: ['dense'] }, embedder);
    expect(only.report.legs.map((one) => one.leg)).toEqual(['dense']);
  });

  it.each<[string, Record<string, string | Uint8Array | undefined>]>([
    ['without a heading', { 'qrels.tsv': QRELS.slice(QRELS.indexOf('\n') + 1) }],
    ['packed', { 'corpus.jsonl': undefined, 'corpus.jsonl.gz': gzipSync(lines(CORPUS)) }],
    ['in qrels/test.tsv', { 'qrels.tsv': undefined, 'qrels/test.tsv': QRELS }],
    ['with Windows lines', { 'qrels.tsv': QRELS.replaceAll('\n', '\r\n') }],
    ['in TREC’s columns', { 'qrels.tsv': 'q1 0 d1 2\nq1 0 d2 1\nq2 0 3 1\n' }],
  ])('reads the same set %s', async (_name, changes) => {
    const plain = await evaluate(folder());
    const other = await evaluate(folder(changes));
    expect(other.report.legs[0]?.ndcg10).toEqual(plain.report.legs[0]?.ndcg10);
    expect(other.report.queries).toBe(2);
  });

  it('measures what a collection of 64 chunks or more teaches of itself, and says where it is too small', async () => {
    const subjects = ['harbour anchor sailor tide', 'oven flour yeast dough'];
    const corpus = Array.from({ length: 80 }, (_one, at) => {
      const words = (subjects[at % 2] ?? '').split(' ');
      return { _id: `d${at}`, text: `${words[at % 4]} ${words[(at + 1 + (at % 3)) % 4]} n${at}` };
    });
    const path = folder({
      'corpus.jsonl': lines(corpus),
      'queries.jsonl': lines([{ _id: 'q', text: 'anchor' }]),
      'qrels.tsv': corpus
        .flatMap(({ _id, text }, at) =>
          at % 2 === 0 && !text.includes('anchor') ? [`q\t${_id}\t1`] : [],
        )
        .join('\n'),
    });
    const { report } = await evaluate(path);
    const [words, latent] = report.legs;
    expect([words?.leg, latent?.leg]).toEqual(['lexical', 'latent']);
    expect(latent?.recall100.value).toBeGreaterThan(words?.recall100.value ?? 1);
    await expect(evaluate(folder(), { legs: ['latent'] })).rejects.toEqual(
      refusal(/latent cannot be measured: it needs 64 chunks/),
    );
  });

  it('counts relevant documents that are nowhere as missed', async () => {
    const { report } = await evaluate(folder({ 'qrels.tsv': `${QRELS}q2\tgone\t1\nq9\td1\t1\n` }));
    expect(report.leftOut).toEqual({ unjudgedQueries: 1, unknownQueries: 1, unknownDocuments: 1 });
    expect(report.legs[0]?.recall100.value).toBe(0.5);
  });

  it('finds 100 documents where one has more chunks than a search names', async () => {
    const long = Array.from({ length: 900 }, (_, at) => `Engine part ${at} of the engine.`).join(
      ' ',
    );
    const many = Array.from({ length: 120 }, (_, at) => ({
      _id: `m${at}`,
      text: `engine note ${at}`,
    }));
    const corpus = lines([{ _id: 'long', text: `${long} ${long} ${long}` }, ...many]);
    const path = folder({
      'corpus.jsonl': corpus,
      'queries.jsonl': lines([{ _id: 'q', text: 'engine' }]),
      'qrels.tsv': many
        .slice(0, 50)
        .map((one) => `q\t${one._id}\t1`)
        .join('\n'),
    });
    const { report } = await evaluate(path);
    expect(report.legs[0]?.recall100.value).toBeGreaterThan(0.7);
  });

  it.each<[RegExp, Record<string, string | undefined>, object?]>([
    [/has no corpus\.jsonl; a folder in BEIR’s layout/, { 'corpus.jsonl': undefined }],
    [
      /has no qrels\.tsv and no qrels\/test\.tsv; name .*qrels\/dev\.tsv with --qrels/,
      { 'qrels.tsv': undefined, 'qrels/dev.tsv': QRELS },
    ],
    [
      /corpus\.jsonl: line 2 is not a JSON object/,
      { 'corpus.jsonl': '{"_id":"1","text":"a"}\n{"_id' },
    ],
    [/corpus\.jsonl: line 1: “text” is missing/, { 'corpus.jsonl': '{"_id":"1"}' }],
    [/queries\.jsonl: line 1: “_id” is missing/, { 'queries.jsonl': '{"text":"1"}' }],
    [
      /line 3: the _id “a” is also on line 1/,
      { 'corpus.jsonl': '{"_id":"a","text":""}\n\n{"_id":"a","text":""}' },
    ],
    [/corpus\.jsonl: it is empty/, { 'corpus.jsonl': '\n' }],
    [
      /qrels\.tsv: line 2 is not “query document grade”/,
      { 'qrels.tsv': 'q1\td1\t1\nq1\td1\tgood' },
    ],
    [/qrels\.tsv: line 1 is not “query document grade”/, { 'qrels.tsv': 'q1,d1,1' }],
    [/no line has a grade above 0/, { 'qrels.tsv': 'q1\td1\t0' }],
    [/none of its queries is in .*queries\.jsonl/, { 'qrels.tsv': 'other\td1\t1' }],
    [/none of its documents is in .*corpus\.jsonl/, { 'qrels.tsv': 'q1\tother\t1' }],
    [/no embedder is installed.*cadre pull/, {}, { legs: ['hybrid'] }],
    [/missing\.tsv cannot be read/, {}, { judgements: join(base, 'missing.tsv') }],
  ])('refuses with %s', async (words, changes, wish = {}) => {
    await expect(evaluate(folder(changes), wish)).rejects.toEqual(refusal(words));
  });

  it('refuses a folder that is none', async () => {
    await expect(evaluate(join(base, 'nowhere'))).rejects.toEqual(refusal(/nowhere is no folder/));
  });
});
