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
  const answerAll = (side: 0 | 1) => () =>
    texts.forEach((text, at) => {
      sides[side].answer(text, reads[side] ? embedded.vectors[at] : undefined);
    });
  const times = await timeInTurns([answerAll(0), answerAll(1)], ROUNDS, cpuMs);
  const count = Math.max(1, texts.length);
  const timeOf = (side: 0 | 1) => (times[side] + (reads[side] ? embedded.cpuMs : 0)) / count;
  return [timeOf(0), timeOf(1)];
}

/** CPU milliseconds of one round of each of the two, which take turns. */
export async function timeInTurns(
  sides: readonly [() => unknown, () => unknown],
  rounds: number,
  cpuMs: () => number,
): Promise<readonly [number, number]> {
  const sums: [number, number] = [0, 0];
  for (let round = 0; round < rounds; round += 1)
    for (const side of [0, 1] as const) {
      const started = cpuMs();
      await sides[side]();
      sums[side] += cpuMs() - started;
    }
  return [sums[0] / rounds, sums[1] / rounds];
}
