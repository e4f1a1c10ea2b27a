/**
 * Does the promotion gate let better models through and keep equal and worse ones out? Simulated
 * outcomes of two models on the same rows, over several discordances (shares of rows on which only one
 * is right), beside the higher number, an unpaired test and intervals that must not overlap; then real
 * n-gram models of Banking77 on draws of its test rows, which show what discordances are like.
 */

import { hashText } from '../src/base/hashing.ts';
import { normalTail } from '../src/base/paired-test.ts';
import { seededRandom, shuffledIndices } from '../src/base/random.ts';
import { wilsonInterval } from '../src/base/statistics.ts';
import type { VersionComparison } from '../src/core/version-comparison.ts';
import { scoresOf, type TrainingRows, trainHeads } from '../src/learn/heads.ts';
import { placeOfLargest } from '../src/learn/held-out.ts';
import type { JudgedPair } from '../src/learn/promotion-slices.ts';
import { compareVersions } from '../src/learn/version-comparison.ts';
import { readBanking77 } from './lib/intent-sets.ts';
import { printResult, round } from './lib/result.ts';

const SEED = 20261127;
const ROUNDS = 2000;
const ROWS = 1000;
const ACCURACY = 0.9;
const DISCORDANCES = [0.04, 0.06, 0.08, 0.1, 0.12, 0.16];
const FIGURES = { bytes: 1e6, ms: 1, calibrationError: 0.02, outOfScopeArea: null };

interface Case {
  readonly rows: number;
  readonly discordance: number;
  /** What the new model has right more often. */
  readonly gap: number;
  /** Time of the new one ÷ of the incumbent. */
  readonly time?: number;
  /** So much worse in the first of ten labels, and so much better in the others that the gap stays. */
  readonly labelLoss?: number;
}

/** One object for each kind of row: 2,000 rounds draw 2,000,000 of them. */
const KINDS = Array.from({ length: 4 * 30 }, (_, kind): JudgedPair => {
  const at = kind >> 2;
  return {
    isRight: kind % 2 === 1,
    incumbentIsRight: (kind >> 1) % 2 === 1,
    slices: [`label: ${at % 10}`, `length: ${at % 3}`],
  };
});

/** Ten labels and three lengths, as in a small set: 13 slices are looked at. */
function drawPair({ discordance, gap, labelLoss = 0 }: Case, at: number, draw: number): JudgedPair {
  const own = at % 10 === 0 ? gap - labelLoss : gap + labelLoss / 9;
  const split = Math.max(discordance, Math.abs(own));
  const [onlyNew, onlyIncumbent] = [(split + own) / 2, (split - own) / 2];
  const both = draw < ACCURACY + onlyNew ? 3 : 0;
  const kind = draw < onlyNew ? 1 : draw < onlyNew + onlyIncumbent ? 2 : both;
  const pair = KINDS[4 * (at % 30) + kind];
  if (pair === undefined) throw new RangeError(`no row of kind ${kind}`);
  return pair;
}

function decide(pairs: readonly JudgedPair[], time = 1): VersionComparison {
  return compareVersions({
    version: 1,
    pairs,
    seed: SEED,
    // The verdict does not go by the bootstrap.
    rounds: 1,
    own: { ...FIGURES, ms: time },
    incumbent: FIGURES,
    lostLabels: [],
  });
}

/** Rules that are in use elsewhere, on the same rows. */
const BASELINES: Readonly<Record<string, (found: VersionComparison) => boolean>> = {
  higherNumber: (found) => found.onlyNew > found.onlyIncumbent,
  unpairedTest: ({ rows, accuracy, incumbentAccuracy }) => {
    const both = (accuracy + incumbentAccuracy) / 2;
    const error = Math.sqrt((2 * both * (1 - both)) / rows);
    return error > 0 && normalTail((accuracy - incumbentAccuracy) / error) <= 0.05;
  },
  intervalsApart: ({ rows, accuracy, incumbentAccuracy }) =>
    wilsonInterval(accuracy * rows, rows).low > wilsonInterval(incumbentAccuracy * rows, rows).high,
};

function share(count: number, of = ROUNDS) {
  const { value, low, high } = wilsonInterval(count, of);
  return { share: round(value), low: round(low), high: round(high) };
}

function passRates(rounds: number, draw: () => VersionComparison) {
  const passed: Record<string, number> = { gate: 0, worseSlice: 0 };
  const add = (name: string, isTrue: boolean) => {
    passed[name] = (passed[name] ?? 0) + (isTrue ? 1 : 0);
  };
  for (let round = 0; round < rounds; round += 1) {
    const found = draw();
    add('gate', found.passes);
    add('worseSlice', found.worseSlices.length > 0);
    for (const [name, rule] of Object.entries(BASELINES)) add(name, rule(found));
  }
  return Object.fromEntries(
    Object.entries(passed).map(([name, count]) => [name, share(count, rounds)]),
  );
}

function simulate(one: Case) {
  const random = seededRandom(SEED + 1000 * one.discordance);
  const pairs = () => Array.from({ length: one.rows }, (_, at) => drawPair(one, at, random()));
  const rates = passRates(ROUNDS, () => decide(pairs(), one.time));
  console.log(
    `${JSON.stringify(one).padEnd(64)} ${Object.entries(rates)
      .map(([name, { share }]) => `${name} ${(100 * share).toFixed(1)} %`)
      .join('  ')}`,
  );
  return { ...one, ...rates };
}

/** Which test rows an n-gram model has right that learnt from a share of the train rows. */
function bankingModel(share: number, seed: number): boolean[] {
  const { train, test } = readBanking77();
  const labels = [...new Set(train.map((row) => row.label))].sort();
  const rows: TrainingRows = {
    classes: Int32Array.from(train, (row) => labels.indexOf(row.label)),
    classCount: labels.length,
    nameCount: 0,
    ngrams: train.map((row) => hashText(row.text)),
  };
  const chosen = Array.from(shuffledIndices(train.length, SEED)).slice(0, share * train.length);
  const heads = trainHeads(rows, chosen, seed);
  return test.map(
    (row) => labels[placeOfLargest(scoresOf(heads, hashText(row.text)).ngrams)] === row.label,
  );
}

/** The gate's word on draws of 1,000 of the test rows. */
function realPair(name: string, own: readonly boolean[], incumbent: readonly boolean[]) {
  const all = own.map((isRight, at) => ({
    isRight,
    incumbentIsRight: incumbent[at] === true,
    slices: [],
  }));
  const whole = decide(all);
  let seed = SEED;
  const rates = passRates(300, () => {
    seed += 1;
    const places = Array.from(shuffledIndices(all.length, seed)).slice(0, ROWS);
    return decide(places.flatMap((place) => all[place] ?? []));
  });
  const found = {
    name,
    rows: whole.rows,
    accuracy: round(whole.accuracy, 4),
    incumbentAccuracy: round(whole.incumbentAccuracy, 4),
    discordance: round((whole.onlyNew + whole.onlyIncumbent) / whole.rows, 4),
    verdictOnAll: whole.verdict,
    drawsOfRows: ROWS,
    ...rates,
  };
  console.log(JSON.stringify(found));
  return found;
}

const gaps = (gap: number, discordances = DISCORDANCES) =>
  discordances.map((discordance) => simulate({ rows: ROWS, discordance, gap }));
const simulated = {
  better: gaps(0.025),
  equal: gaps(0),
  worse: gaps(-0.01, [0.06, 0.12]),
  cheaper: [0, -0.01].flatMap((gap) =>
    [1000, 3000].map((rows) => simulate({ rows, discordance: 0.06, gap, time: 0.1 })),
  ),
  worseInOneLabel: simulate({ rows: ROWS, discordance: 0.08, gap: 0.025, labelLoss: 0.25 }),
  hundredRows: [0.025, 0].map((gap) => simulate({ rows: 100, discordance: 0.08, gap })),
};
const [all, again, most, half] = [
  bankingModel(1, 1),
  bankingModel(1, 2),
  bankingModel(0.7, 1),
  bankingModel(0.5, 1),
];
const real = [
  realPair('all rows, another seed', again, all),
  realPair('all rows beside 70 % of them', all, most),
  realPair('all rows beside half of them', all, half),
  realPair('half of the rows beside all', half, all),
];
printResult('farm-promotion', SEED, {
  rounds: ROUNDS,
  incumbentAccuracy: ACCURACY,
  simulated,
  real,
});
