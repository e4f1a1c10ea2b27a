import { plainWords, textNumber } from '../base/shingles.ts';
import type { NearRows } from './near-rows.ts';
import type { RowTable } from './row-table.ts';

export const SIDES = ['train', 'test', 'left-out'] as const;
export type SplitBy = 'row' | 'group' | 'cluster' | 'time';

export interface SplitInput {
  readonly table: RowTable;
  readonly near: NearRows;
  /** Share of the test part, 0 … 1. */
  readonly share: number;
  readonly seed: number;
  readonly by: SplitBy;
  /** What a row belongs to, by group and cluster. */
  readonly groupOf?: (row: number) => string;
  /** By time: of each row, ascending = later. */
  readonly times?: Float64Array;
  /** By time: rows from here on are the test part; absent = the latest `share` of the rows. */
  readonly cut?: number;
}

export interface Split {
  /** Place in `SIDES` of each row. */
  readonly sides: Uint8Array;
  readonly cut?: number;
  readonly labels: readonly {
    readonly label: string;
    readonly train: number;
    readonly test: number;
  }[];
}

const TRAIN = 0;
const TEST = 1;
const LEFT_OUT = 2;

/**
 * Two parts that share no near-duplicate and no group. A row's side is a hash of seed and text (of its
 * group), so each label is drawn at the same rate and a row stays where it is when others are added
 * behind it; a row that is near one before it follows that. One that is near rows of both parts is in
 * neither. By time, what is near a training row is left out of the test part.
 */
export function splitRows(input: SplitInput): Split {
  const sides = input.by === 'time' ? sidesByTime(input) : sidesByHash(input);
  const { table } = input;
  const labels = table.labels.map((label) => ({ label, train: 0, test: 0 }));
  sides.forEach((side, row) => {
    const counts = labels[table.classes[row] as number];
    if (counts === undefined || side === LEFT_OUT) return;
    if (side === TEST) counts.test += 1;
    else counts.train += 1;
  });
  const cut = input.by === 'time' ? { cut: cutOf(input) } : {};
  return { sides, labels, ...cut };
}

function sidesByHash({ table, near, share, seed, groupOf }: SplitInput): Uint8Array {
  const sides = new Uint8Array(table.length);
  const groups = new Map<string, number>();
  for (let row = 0; row < table.length; row += 1) {
    const group = groupOf?.(row);
    const beside = new Set(
      near
        .earlier(row)
        .map(({ other }) => sides[other] as number)
        .filter((side) => side !== LEFT_OUT),
    );
    const [only] = beside;
    const key = group ?? plainWords(table.textOf(row)).join(' ');
    const known = group === undefined ? undefined : groups.get(group);
    const drawn = textNumber(`${seed}\0${key}`) / 2 ** 53 < share ? TEST : TRAIN;
    const side = known ?? (beside.size === 1 ? (only ?? drawn) : drawn);
    if (group !== undefined && known === undefined) groups.set(group, side);
    sides[row] = [...beside].some((other) => other !== side) ? LEFT_OUT : side;
  }
  return sides;
}

function sidesByTime(input: SplitInput): Uint8Array {
  const { table, near, times = new Float64Array(table.length) } = input;
  const cut = cutOf(input);
  const sides = Uint8Array.from({ length: table.length }, (_, row) =>
    (times[row] as number) >= cut ? TEST : TRAIN,
  );
  const first = sides.slice();
  for (let row = 0; row < table.length; row += 1)
    for (const { other } of near.earlier(row)) {
      if (first[row] === first[other]) continue;
      sides[first[row] === TEST ? row : other] = LEFT_OUT;
    }
  return sides;
}

function cutOf({ table, times = new Float64Array(table.length), share, cut }: SplitInput): number {
  if (cut !== undefined) return cut;
  const sorted = times.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * (1 - share)))] ?? 0;
}
