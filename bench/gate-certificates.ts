/**
 * Does a certified threshold keep its promise, and what does it keep cheap? Calibration samples are
 * drawn with replacement from a pool that the gate was not fitted on; the truth is the whole pool.
 * CADRE_DATA=… cadre bench gate-certificates [--draws 1000]
 */

import { seededRandom } from '../src/base/random.ts';
import { areaUnderCurve, mean } from '../src/base/statistics.ts';
import {
  type CalibrationRow,
  type LossProfile,
  lossAt,
  lossProfile,
  type Sample,
  savingAt,
  tallyAt,
  thresholdSteps,
} from '../src/gate/calibration-set.ts';
import { certifySlices, certifyStep } from '../src/gate/certify.ts';
import { type GatePool, gsm8kAnswersPool, llmRouterPool, mmluPool } from './lib/gate-pools.ts';
import { printResult } from './lib/result.ts';

const SEED = 20261126;
const ALPHAS = [0.02, 0.05, 0.1];
const DELTA = 0.1;
const SIZES = [200, 500, 2000];
const SLICED_DRAWS = 200;
const flag = process.argv.indexOf('--draws');
const DRAWS = flag < 0 ? 1000 : Number(process.argv[flag + 1]);
if (!Number.isInteger(DRAWS) || DRAWS < 1) throw new RangeError('--draws takes a whole number');

interface Cell {
  readonly pool: string;
  readonly alpha: number;
  readonly rows: number;
  /** Share of the samples whose threshold loses more than alpha on the whole pool. */
  readonly violations: number;
  /** 10 % and two standard errors. */
  readonly allowed: number;
  /** Share of the pool that the reference does not answer, mean over the samples. */
  readonly keptCheap: number;
  /** Share of the samples that could show nothing: the reference answers all. */
  readonly withheld: number;
  readonly naive: { readonly violations: number; readonly keptCheap: number };
  /** The boldest threshold that keeps the promise on the pool: what perfect knowledge allows. */
  readonly reachable: number;
}

interface Truth {
  readonly profile: LossProfile;
  /** Loss and share kept cheap of the pool, per step. */
  readonly risk: Float64Array;
  readonly kept: Float64Array;
}

function truthOf({ set, apart }: GatePool): Truth {
  const steps = thresholdSteps(apart, set.reference);
  const profile = lossProfile(set, steps);
  const whole = mean(profile.wholes);
  const count = set.rows.length;
  const risk = Float64Array.from(
    steps,
    (_, step) => mean(profile.lost.subarray(step * count, (step + 1) * count)) / whole,
  );
  const kept = Float64Array.from(
    steps,
    (threshold) => savingAt(set.rows, set.reference, threshold).keptCheap,
  );
  return { profile, risk, kept };
}

/** The boldest step whose loss on the sample is at most alpha, without any bound; −1 = none. */
function naiveStep(profile: LossProfile, sample: Sample, alpha: number): number {
  for (let step = profile.thresholds.length - 1; step >= 0; step -= 1) {
    const { lost, whole } = tallyAt(profile, sample, step);
    if (lost <= alpha * whole) return step;
  }
  return -1;
}

function cellOf(pool: GatePool, truth: Truth, alpha: number, rows: number, seed: number): Cell {
  const random = seededRandom(seed);
  const { profile, risk, kept } = truth;
  const size = pool.set.rows.length;
  const sum = { violations: 0, kept: 0, withheld: 0, naiveViolations: 0, naiveKept: 0 };
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const sample = {
      rows: Int32Array.from({ length: rows }, () => Math.floor(random() * size)),
      coins: Float64Array.from({ length: rows }, random),
    };
    const { step } = certifyStep(profile, sample, { alpha, delta: DELTA });
    if (step < 0) sum.withheld += 1;
    if ((risk[step] ?? 0) > alpha) sum.violations += 1;
    sum.kept += kept[step] ?? 0;
    const naive = naiveStep(profile, sample, alpha);
    if ((risk[naive] ?? 0) > alpha) sum.naiveViolations += 1;
    sum.naiveKept += kept[naive] ?? 0;
  }
  const reachable = risk.findLastIndex((one) => one <= alpha);
  const rounded = (value: number) => Number(value.toFixed(4));
  return {
    pool: pool.name,
    alpha,
    rows,
    violations: rounded(sum.violations / DRAWS),
    allowed: rounded(DELTA + 2 * Math.sqrt((DELTA * (1 - DELTA)) / DRAWS)),
    keptCheap: rounded(sum.kept / DRAWS),
    withheld: rounded(sum.withheld / DRAWS),
    naive: {
      violations: rounded(sum.naiveViolations / DRAWS),
      keptCheap: rounded(sum.naiveKept / DRAWS),
    },
    reachable: rounded(kept[reachable] ?? 0),
  };
}

/** How well the gate's expected loss of the cheapest model tells lost rows from others. */
function describe({ name, set }: GatePool) {
  const cheap = set.rows[0]?.costs ?? [];
  const model = Array.from(cheap).indexOf(Math.min(...Array.from(cheap)));
  const lost = set.rows.filter(
    (row) => (row.scores[set.reference] ?? 0) > (row.scores[model] ?? 0),
  );
  const other = set.rows.filter((row) => !lost.includes(row));
  const losses = (rows: typeof lost) => rows.map((row) => row.expectedLoss[model] ?? 0);
  return {
    pool: name,
    rows: set.rows.length,
    models: set.models.length,
    reference: set.models[set.reference],
    referenceRight: Number(mean(set.rows.map((row) => row.scores[set.reference] ?? 0)).toFixed(4)),
    areaOfExpectedLoss: Number(areaUnderCurve(losses(lost), losses(other)).toFixed(4)),
  };
}

/**
 * What a promise for each task costs beside one for everything, and what the one hides: the loss of
 * the task that fares worst under it.
 */
function priceOfSlices(pool: GatePool, alpha: number, rows: number) {
  const random = seededRandom(SEED);
  const { set } = pool;
  const thresholds = thresholdSteps(pool.apart, set.reference);
  const byTask = Map.groupBy(set.rows, (row) => row.slice ?? '');
  const lossOf = (part: readonly CalibrationRow[], threshold: number) =>
    mean(part.map((row) => lossAt(row, set.reference, threshold))) /
    mean(part.map((row) => row.scores[set.reference] ?? 0));
  const sum = { broken: 0, sliced: 0, together: 0, named: 0, worst: 0 };
  for (let draw = 0; draw < SLICED_DRAWS; draw += 1) {
    const sample = Array.from(
      { length: rows },
      () => set.rows[Math.floor(random() * set.rows.length)] as CalibrationRow,
    );
    const found = certifySlices({ ...set, rows: sample }, { alpha, delta: DELTA }, thresholds);
    const named = new Map(found.slices.map((one) => [one.slice, one]));
    const rest = [...byTask].filter(([task]) => !named.has(task)).flatMap(([, part]) => part);
    const isBroken = found.slices.some(
      (one) => lossOf(byTask.get(one.slice) ?? rest, one.threshold) > alpha,
    );
    if (isBroken) sum.broken += 1;
    sum.sliced += found.keptCheap;
    sum.together += found.together.keptCheap;
    sum.named += named.has('*') ? named.size - 1 : named.size;
    sum.worst += Math.max(
      ...[...byTask.values()].map((part) => lossOf(part, found.together.threshold)),
    );
  }
  const average = (value: number) => Number((value / SLICED_DRAWS).toFixed(4));
  return {
    pool: pool.name,
    alpha,
    rows,
    draws: SLICED_DRAWS,
    tasks: byTask.size,
    slices: average(sum.named),
    keptCheap: { onePromise: average(sum.together), promisePerSlice: average(sum.sliced) },
    worstTaskUnderOnePromise: average(sum.worst),
    someSliceViolated: average(sum.broken),
  };
}

const cells: Cell[] = [];
const pools = [
  mmluPool('mmlu'),
  mmluPool('mmlu, independent'),
  llmRouterPool('llmrouter'),
  llmRouterPool('llmrouter, independent'),
  gsm8kAnswersPool(),
];
console.log(
  'pool                   alpha rows   violated (allowed)  kept cheap  withheld  naive: violated, kept   reachable',
);
for (const pool of pools) {
  const truth = truthOf(pool);
  for (const alpha of ALPHAS)
    for (const rows of SIZES) {
      const cell = cellOf(pool, truth, alpha, rows, SEED + cells.length);
      cells.push(cell);
      const percent = (value: number) => `${(100 * value).toFixed(1)} %`.padStart(7);
      console.log(
        `${cell.pool.padEnd(22)} ${alpha.toFixed(2)} ${String(rows).padStart(5)}   ${percent(cell.violations)} (${percent(cell.allowed)})  ${percent(cell.keptCheap)}     ${percent(cell.withheld)}   ${percent(cell.naive.violations)} ${percent(cell.naive.keptCheap)}         ${percent(cell.reachable)}`,
      );
    }
}
const slices = pools
  .filter((pool) => pool.name === 'llmrouter')
  .flatMap((pool) => [0.05, 0.1].map((alpha) => priceOfSlices(pool, alpha, 2000)));
for (const one of slices) console.log(JSON.stringify(one));
printResult('gate-certificates', SEED, {
  delta: DELTA,
  draws: DRAWS,
  pools: pools.map(describe),
  cellsBeyondAllowed: cells.filter((cell) => cell.violations > cell.allowed).length,
  cells,
  slices,
});
