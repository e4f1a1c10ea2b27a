import type { LadderEmbedder } from './ladder.ts';

/** A version as it answers one text. */
export interface TimedSide {
  /** Id of the embedder whose vectors it reads. */
  readonly embedder: string | undefined;
  readonly answer: (text: string, vector?: Float32Array) => unknown;
}

/** Rows that both are timed on, and how often. */
const ROWS = 200;
const ROUNDS = 5;

/**
 * CPU milliseconds of one text by each of the two, in turns on the same texts; the embedder's share is
 * measured once and counts for each that reads vectors.
 */
export async function timesOf(
  sides: readonly [TimedSide, TimedSide],
  rows: readonly string[],
  embedder: LadderEmbedder | undefined,
  cpuMs: () => number,
): Promise<readonly [number, number]> {
  const texts = rows.slice(0, ROWS);
  const reads = sides.map((side) => embedder !== undefined && side.embedder === embedder.id);
  const embedded =
    embedder !== undefined && reads.includes(true)
      ? await embedder.embed(texts)
      : { vectors: [], cpuMs: 0 };
  const sums: [number, number] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of [0, 1] as const) {
      const started = cpuMs();
      texts.forEach((text, at) => {
        sides[side].answer(text, reads[side] ? embedded.vectors[at] : undefined);
      });
      sums[side] += cpuMs() - started;
    }
  const count = Math.max(1, texts.length);
  const timeOf = (side: 0 | 1) =>
    sums[side] / ROUNDS / count + (reads[side] ? embedded.cpuMs / count : 0);
  return [timeOf(0), timeOf(1)];
}
