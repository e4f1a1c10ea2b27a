import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/base/random.ts';
import { TopList } from '../../src/ground/top-list.ts';
import { type ClusterVectors, DIMENSIONS } from './cluster-vectors.ts';

export interface ScaleQuery {
  readonly text: string;
  readonly vector: Float32Array;
  /** Ids of the ten chunks of greatest exact cosine; none for the later questions. */
  readonly nearest: readonly string[];
}

/** Eight words of a chunk's middle as a question, with a vector near that of the chunk. */
export function makeQueries(
  chunks: { readonly ids: readonly string[]; readonly texts: readonly string[] },
  rows: Float32Array,
  vectors: ClusterVectors,
  options: { readonly count: number; readonly exact: number; readonly seed: number },
): ScaleQuery[] {
  const random = seededRandom(options.seed);
  return Array.from({ length: options.count }, (_one, number) => {
    const chunk = Math.floor(random() * chunks.ids.length);
    const words = (chunks.texts[chunk] ?? '')
      .split(/\s+/)
      .filter((word) => /^[A-Za-z][A-Za-z'-]+[.,]?$/.test(word));
    const from = Math.floor(words.length / 3);
    const own = rows.subarray(chunk * DIMENSIONS, (chunk + 1) * DIMENSIONS);
    const vector = vectors.ofQuery(own, number);
    const near = number < options.exact ? nearestRows(rows, vector, 10) : [];
    const nearest = near.map((row) => chunks.ids[row] ?? '');
    return { text: words.slice(from, from + 8).join(' '), vector, nearest };
  });
}

function nearestRows(rows: Float32Array, query: Float32Array, count: number): number[] {
  const best = new TopList(count, -2);
  for (let row = 0; row * DIMENSIONS < rows.length; row += 1) {
    let sum = 0;
    for (let at = 0; at < DIMENSIONS; at += 1)
      sum += (rows[row * DIMENSIONS + at] as number) * (query[at] as number);
    best.offer(row, sum);
  }
  return best.ranked().map((one) => one.place);
}

const fileIn = (home: string) => join(home, 'queries.json');

export function writeQueries(home: string, queries: readonly ScaleQuery[]): void {
  const rows = queries.map((one) => ({ ...one, vector: [...one.vector] }));
  writeFileSync(fileIn(home), JSON.stringify(rows));
}

export function readQueries(home: string): ScaleQuery[] {
  const rows = JSON.parse(readFileSync(fileIn(home), 'utf8')) as (Omit<ScaleQuery, 'vector'> & {
    readonly vector: readonly number[];
  })[];
  return rows.map((row) => ({ ...row, vector: Float32Array.from(row.vector) }));
}
