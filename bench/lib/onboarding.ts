import { seededRandom, shuffledIndices } from '../../src/base/random.ts';
import { meanOf } from '../../src/base/routing-measures.ts';
import { bootstrapMean } from '../../src/base/statistics.ts';
import { readText, type TextReading } from '../../src/base/text-reading.ts';
import type { DatasetRow } from '../../src/gate/success/dataset.ts';
import { fitSuccess } from '../../src/gate/success/fit.ts';
import { type HeadReading, readForHeads } from '../../src/gate/success/heads.ts';
import { gradedOf } from '../../src/gate/success/held-out-scores.ts';
import { type NewcomerRow, onboardModel } from '../../src/gate/success/onboard.ts';
import { bootstrapRows } from '../../src/gate/success/pair-report.ts';
import {
  bestModel,
  estimateSuccess,
  type SuccessModel,
} from '../../src/gate/success/success-model.ts';

/** Scores of all held-out rows, fold after fold, when the gate chooses. */
interface Onboarded {
  readonly model: string;
  readonly without: number[];
  /** By how the model joined: mean over the draws. */
  readonly joined: Map<string, number[]>;
}

interface Way {
  readonly name: string;
  /** Rows that the model is graded on; Infinity = all of the training, what a perfect row would give. */
  readonly count: number;
  readonly draws: number;
  /** Share of the others' grades on these rows that are known. */
  readonly known: number;
}

const DRAWS = 5;
const WAYS: readonly Way[] = [
  { name: '100', count: 100, draws: DRAWS, known: 1 },
  { name: '300', count: 300, draws: DRAWS, known: 1 },
  { name: '100, half of the other grades missing', count: 100, draws: DRAWS, known: 0.5 },
  { name: '100, no other grades', count: 100, draws: DRAWS, known: 0 },
  { name: '300, no other grades', count: 300, draws: DRAWS, known: 0 },
  { name: 'all rows, not fitted again', count: Number.POSITIVE_INFINITY, draws: 1, known: 1 },
];
const FOLDS = 5;
/** Share right that a model adds from which its onboarding counts. */
const ADDS_LEAST = 0.005;

interface Read {
  readonly row: DatasetRow;
  readonly reading: TextReading;
}

/** Each model in turn joins by few rows; every row is held out once. `order` is shuffled. */
export function measureOnboarding(
  order: readonly DatasetRow[],
  models: readonly string[],
  seed: number,
  print: (line: string) => void,
) {
  const reads = order.map((row) => ({ row, reading: readText(row.prompt) }));
  const whole: number[] = [];
  const all = models.map((model): Onboarded => ({ model, without: [], joined: new Map() }));
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isHeld = (at: number) => Math.floor((at * FOLDS) / reads.length) === fold;
    const held = reads.filter((_, at) => isHeld(at));
    const training = reads.filter((_, at) => !isHeld(at));
    const gate = fitWithout(undefined, models, training, seed);
    whole.push(...scoresOf(gate, prepare(gate, held), models));
    models.forEach((_, place) => {
      const one = all[place];
      if (one !== undefined) joinEach(one, place, { models, training, held, seed });
    });
    print(`fold ${fold + 1} of ${FOLDS} is done`);
  }
  return tellOnboarding(all, whole, seed, print);
}

function fitWithout(
  place: number | undefined,
  models: readonly string[],
  training: readonly Read[],
  seed: number,
): SuccessModel {
  const less = <T>(values: readonly T[]) => values.filter((_, at) => at !== place);
  const rows = training.map(({ row }) => ({ ...row, scores: less(row.scores) }));
  return fitSuccess(
    gradedOf(
      less(models),
      rows,
      training.map(({ reading }) => reading),
    ),
    { seed },
  );
}

type Prepared = Read & { readonly read: HeadReading };

function prepare(gate: SuccessModel, held: readonly Read[]): Prepared[] {
  return held.map((one) => ({ ...one, read: readForHeads(gate.heads, one.reading) }));
}

function scoresOf(
  gate: SuccessModel,
  held: readonly Prepared[],
  models: readonly string[],
): number[] {
  const places = gate.models.map((id) => models.indexOf(id));
  return held.map(({ row, reading, read }) => {
    const choice = bestModel(gate, estimateSuccess(gate, reading, undefined, read));
    return row.scores[places[choice] ?? -1] ?? Number.NaN;
  });
}

/** The gate is fitted without the model at `place`, which then joins by its grades alone. */
function joinEach(
  one: Onboarded,
  place: number,
  parts: {
    readonly models: readonly string[];
    readonly training: readonly Read[];
    readonly held: readonly Read[];
    readonly seed: number;
  },
): void {
  const { models, training, held, seed } = parts;
  const gate = fitWithout(place, models, training, seed);
  const prepared = prepare(gate, held);
  one.without.push(...scoresOf(gate, prepared, models));
  for (const way of WAYS) {
    const sums = new Float64Array(held.length);
    for (let draw = 0; draw < way.draws; draw += 1) {
      const rows = drawRows(training, place, way, seed + draw);
      scoresOf(onboardModel(gate, one.model, rows), prepared, models).forEach((score, at) => {
        sums[at] = (sums[at] as number) + score / way.draws;
      });
    }
    one.joined.set(way.name, [...(one.joined.get(way.name) ?? []), ...sums]);
  }
}

function drawRows(
  training: readonly Read[],
  place: number,
  { count, known }: Way,
  seed: number,
): NewcomerRow[] {
  const random = seededRandom(seed);
  return [...shuffledIndices(training.length, seed)].slice(0, count).flatMap((at) => {
    const one = training[at];
    const score = one?.row.scores[place] ?? Number.NaN;
    if (one === undefined || Number.isNaN(score)) return [];
    const others = one.row.scores
      .filter((_, model) => model !== place)
      .map((other) => (random() < known ? other : Number.NaN));
    return [{ reading: one.reading, score, others }];
  });
}

function tellOnboarding(
  all: readonly Onboarded[],
  whole: readonly number[],
  seed: number,
  print: (line: string) => void,
) {
  const gainOf = (one: Onboarded, rows: readonly number[]) =>
    bootstrapMean(
      rows.map((score, at) => score - (one.without[at] ?? 0)),
      { seed },
    );
  const models = all.map((one) => {
    const adds = gainOf(one, whole);
    const joined = WAYS.map(({ name }) => [name, gainOf(one, one.joined.get(name) ?? [])] as const);
    const told = joined.map(([name, gain]) => `${name}: ${words(gain)}`).join('; ');
    print(`${one.model} adds ${words(adds)}; joined by ${told}`);
    return { one, adds, joined: Object.fromEntries(joined) };
  });
  const pooled = models.filter(({ adds }) => adds.value > ADDS_LEAST).map(({ one }) => one);
  const shares = WAYS.map(({ name }) => {
    const measure = (rows: ArrayLike<number>) => shareOf(pooled, name, whole, rows);
    const share = bootstrapRows(whole.length, measure, seed, 1000);
    print(`${name}: ${words(share)} of the gain`);
    return [name, share] as const;
  });
  const others = all.filter((one) => !pooled.includes(one));
  const rest = WAYS.map(({ name }) => {
    const changes = whole.map((_, at) =>
      meanOf(others.map((one) => (one.joined.get(name)?.[at] ?? 0) - (one.without[at] ?? 0))),
    );
    const change = bootstrapMean(changes, { seed });
    print(`${name}, a model that adds nothing: ${words(change)}`);
    return [name, change] as const;
  });
  return {
    rows: whole.length,
    models: Object.fromEntries(
      models.map(({ one, adds, joined }) => [one.model, { adds, joined }]),
    ),
    pooledModels: pooled.map((one) => one.model),
    shareOfGain: Object.fromEntries(shares),
    changeByOthers: Object.fromEntries(rest),
  };
}

function shareOf(
  pooled: readonly Onboarded[],
  name: string,
  whole: readonly number[],
  rows: ArrayLike<number>,
): number {
  let [gained, possible] = [0, 0];
  for (const one of pooled) {
    const joined = one.joined.get(name) ?? [];
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      const without = one.without[row] ?? 0;
      gained += (joined[row] ?? 0) - without;
      possible += (whole[row] ?? 0) - without;
    }
  }
  return gained / possible;
}

function words({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} … ${high.toFixed(4)})`;
}
