import { seededRandom, shuffle } from '../base/random.ts';
import type { GroundingOutcome } from '../verify/grounding-report.ts';
import type { GroundingRow } from '../verify/grounding-rows.ts';
import { type Embed, SupportJudge } from '../verify/support.ts';
import type { SupportReading } from '../verify/support-features.ts';
import type { SupportExample } from '../verify/support-fit.ts';
import type { SupportScorer } from '../verify/support-scorer.ts';

/** A judged sentence as the scorer sees it, and who judges it. */
export interface Example extends SupportExample {
  readonly row: GroundingRow;
  readonly judge: SupportJudge;
  readonly reading: SupportReading;
}

/** Rows with one evidence share a judge and a group; groups are in an order of the seed. */
export async function readExamples(
  rows: readonly GroundingRow[],
  embed: Embed | undefined,
  seed: number,
  onRead: (done: number) => void,
): Promise<readonly Example[]> {
  const keyOf = (row: GroundingRow) => row.evidence.join('\n');
  const keys = [...new Set(rows.map(keyOf))];
  const order = Int32Array.from(keys.keys());
  shuffle(order, seededRandom(seed));
  const groups = new Map(keys.map((key, at) => [key, order[at] ?? 0]));
  const judges = new Map<string, SupportJudge>();
  const examples: Example[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const judge = judges.get(key) ?? new SupportJudge(row.evidence, embed);
    judges.set(key, judge);
    const reading = await judge.read(row.claim);
    const { values, shape } = reading;
    const { isSupported, isContradicted } = row;
    const group = groups.get(key) ?? 0;
    examples.push({ row, judge, reading, values, shape, isSupported, isContradicted, group });
    onRead(examples.length);
  }
  return examples;
}

/** What the scorer of each makes of the examples. */
export function outcomesOf(
  examples: readonly Example[],
  threshold: number,
  scorerOf: (example: Example) => SupportScorer | undefined,
): readonly GroundingOutcome[] {
  return examples.map((one) => ({
    score: one.judge.resultOf(one.row.claim, one.reading, threshold, scorerOf(one)).score,
    isSupported: one.isSupported,
    group: one.group,
    ranked: one.reading.ranked,
    ...(one.row.gold === undefined ? {} : { gold: one.row.gold }),
  }));
}
