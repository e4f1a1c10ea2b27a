import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { orderOf, product, QueryRanker, readRankModel } from '../../src/base/rank-model.ts';
import type { RankInput } from '../../src/learn/make-rank.ts';
import { makeRank } from '../../src/learn/make-rank.ts';
import type { RankRow } from '../../src/learn/rank-rows.ts';
import { RankVectors } from '../../src/learn/rank-vectors.ts';

const NAMES = ['tide', 'ember', 'quartz', 'willow', 'falcon', 'copper', 'violet', 'harbour'];
const ASKED = ['amber', 'birch', 'cedar', 'delta', 'eagle', 'flint', 'grove', 'heath'];
const SIZE = 16;

/** Queries whose answer holds their own word, and others that have it in another row. */
function wordRows(count: number, start = 0): RankRow[] {
  return Array.from({ length: count }, (_, at) => {
    const place = at + start;
    const name = `${NAMES[place % 8]}${place}`;
    return {
      query: `where is ${name} kept, case ${(place * 7919) % 1009}`,
      passages: ['north', 'south', 'east', 'west'].map((side, turn) => ({
        text:
          turn === place % 4
            ? `The ${name} lies in the ${side}.`
            : `Nothing in the ${side} ${place}.`,
        grade: turn === place % 4 ? 1 : 0,
      })),
    };
  });
}

/** Queries and answers without a common word: only which kind belongs to which can be learnt. */
function kindRows(count: number, start = 0): RankRow[] {
  const random = seededRandom(start + 1);
  return Array.from({ length: count }, (_, at) => ({
    query: `${ASKED[at % 8]} ${(random() * 1e9).toFixed(0)} ${(random() * 1e9).toFixed(0)}`,
    passages: NAMES.map((text, kind) => ({ text, grade: kind === at % 8 ? 1 : 0 })),
  }));
}

/** A kind's passage stands where the queries of the next kind do: the embedder is wrong, always alike. */
function vectorOf(text: string, kind: 'query' | 'passage'): Float32Array {
  const [word = ''] = text.split(' ');
  const place = kind === 'query' ? ASKED.indexOf(word) : NAMES.indexOf(word) + 1;
  const random = seededRandom(
    [...text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) | 0, 7),
  );
  const vector = Float32Array.from({ length: SIZE }, () => 0.2 * (random() - 0.5));
  vector[place % 8] = 1;
  const length = Math.sqrt(product(vector, vector));
  return vector.map((one) => one / length);
}

function vectors() {
  return new RankVectors({
    id: 'tiny',
    embed: async (texts, kind) => ({
      vectors: texts.map((text) => vectorOf(text, kind)),
      cpuMs: texts.length,
    }),
  });
}

function inputOf(rows: readonly RankRow[], more: Partial<RankInput> = {}): RankInput {
  return {
    data: { rows, pairs: rows.reduce((sum, row) => sum + row.passages.length, 0), leftOut: [] },
    notes: [],
    seed: 5,
    source: 'rows',
    house: (row) => row.passages.map((_, at) => at),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: () => undefined,
    ...more,
  };
}

describe('a specialist that orders passages', () => {
  it('goes by words where they are enough, and embeds nothing', async () => {
    const embedded: string[] = [];
    const counting = new RankVectors({
      id: 'tiny',
      embed: async (texts) => {
        embedded.push(...texts);
        return { vectors: [], cpuMs: 0 };
      },
    });
    const input = inputOf(wordRows(40), { vectors: counting, target: 0.9 });
    const { bytes, report } = await makeRank(input);
    expect(report).toMatchObject({ rung: 'words', measuredOn: 'held-out', evaluationRows: 40 });
    expect(report.accuracy).toBeGreaterThan(0.95);
    expect(embedded).toEqual([]);
    expect(readRankModel(bytes).meaning).toBeUndefined();
  });

  it('learns of meanings what the embedder has wrong, on queries that it had not seen', async () => {
    const { bytes, report } = await makeRank(inputOf(kindRows(160), { vectors: vectors() }));
    expect(report.rungs.map((one) => one.rung)).toEqual([
      'words',
      'embedding',
      'words+embedding',
      'taught',
    ]);
    expect(report.rung).toBe('taught');
    expect(report.accuracy).toBeGreaterThan(0.9);
    const beside = new Map(report.ranking?.beside.map((one) => [one.name, one]));
    expect([...beside.keys()]).toEqual(['BM25', 'embedder', '/v1/rerank without it']);
    expect(beside.get('embedder')?.first.value).toBeLessThan(0.3);
    expect(beside.get('embedder')?.gain.low).toBeGreaterThan(0);
    const model = readRankModel(bytes);
    const right = kindRows(40, 99).filter(({ query, passages }) => {
      const ranker = new QueryRanker(model, query, vectorOf(query, 'query'));
      const scores = passages.map((one) => ranker.score(one.text, vectorOf(one.text, 'passage')));
      return passages[orderOf(scores)[0] ?? -1]?.grade === 1;
    });
    expect(right.length).toBeGreaterThan(36);
  });

  it('has the same bytes and figures from the same rows and seed', async () => {
    const [one, other] = [await makeRank(made()), await makeRank(made())];
    expect(one.bytes).toEqual(other.bytes);
    expect(one.report.ranking).toEqual(other.report.ranking);
    function made() {
      return inputOf(kindRows(48), { vectors: vectors() });
    }
  });

  it('is measured on a test set alone where there is one', async () => {
    const test = wordRows(30, 500);
    const { report } = await makeRank(inputOf(wordRows(40), { test }));
    expect(report).toMatchObject({ measuredOn: 'test', evaluationRows: 30 });
    expect(report.ranking).toMatchObject({ queries: 40, passages: 4 });
    expect(report.detectableGap).toBeGreaterThan(0);
  });

  it('stands beside the version that serves on queries that neither was taught', async () => {
    const weak = await makeRank(inputOf(kindRows(8), {}));
    const taught = new Set(kindRows(8).map((row) => row.query));
    const { report } = await makeRank(
      inputOf(kindRows(160), {
        vectors: vectors(),
        incumbent: {
          version: 1,
          attempt: 1,
          model: readRankModel(weak.bytes),
          bytes: weak.bytes.length,
          knows: (query) => taught.has(query),
        },
      }),
    );
    expect(report.comparison).toMatchObject({
      version: 1,
      rows: 152,
      verdict: 'better',
      passes: true,
    });
    // A gain on all queries must hide no loss on the short or the long ones.
    expect(report.comparison?.slices).toBeGreaterThan(0);
  });

  it('is timed in turns with the version that serves, so that two that are the same take the same', async () => {
    let ms = 0;
    const clock = { cpuMs: () => ms++ };
    const first = await makeRank(inputOf(wordRows(40), clock));
    const { report } = await makeRank(
      inputOf(wordRows(40), {
        ...clock,
        incumbent: {
          version: 1,
          attempt: 1,
          model: readRankModel(first.bytes),
          bytes: first.bytes.length,
          knows: () => false,
        },
      }),
    );
    expect(report.comparison?.timeRatio).toBe(1);
  });

  it('says so where all queries repeat each other', async () => {
    const rows = wordRows(8).map((row, at) => ({
      ...row,
      query: `where is it kept${'!'.repeat(at)}`,
    }));
    await expect(makeRank(inputOf(rows))).rejects.toThrow(/nearly repeat each other/);
  });
});
