import { seededRandom, shuffle } from '../../src/base/random.ts';
import { type Embed, SupportJudge } from '../../src/verify/support.ts';
import type { SupportReading } from '../../src/verify/support-features.ts';
import type { SupportExample } from '../../src/verify/support-fit.ts';
import type { SupportRow } from './support-data.ts';

/** A row as the scorer sees it, and who judges it. */
export interface GroundingExample extends SupportExample {
  readonly row: SupportRow;
  readonly judge: SupportJudge;
  readonly reading: SupportReading;
}

/** Rows with one evidence share a judge and a group; groups are in an order of the seed. */
export async function readExamples(
  rows: readonly SupportRow[],
  embed: Embed,
  seed: number,
): Promise<readonly GroundingExample[]> {
  const keyOf = (row: SupportRow) => row.evidence.join('\n');
  const keys = [...new Set(rows.map(keyOf))];
  const order = Int32Array.from(keys.keys());
  shuffle(order, seededRandom(seed));
  const groups = new Map(keys.map((key, at) => [key, order[at] ?? 0]));
  const judges = new Map<string, SupportJudge>();
  const examples: GroundingExample[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const judge = judges.get(key) ?? new SupportJudge(row.evidence, embed);
    judges.set(key, judge);
    const reading = await judge.read(row.claim);
    examples.push({
      row,
      judge,
      reading,
      values: reading.values,
      shape: reading.shape,
      isSupported: row.supported,
      isContradicted: row.contradicted === true,
      group: groups.get(key) ?? 0,
    });
  }
  return examples;
}
