// What is a shadow run's grade worth? Pairs of answers whose gold grades are known: how many can be
// compared, how often the cheap spoke is right where it says the same and where it does not, and
// whether the loss that is told from agreement alone errs towards the reference. Asks no model.
// CADRE_DATA=… cadre bench gate-shadow
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { seededRandom } from '../src/base/random.ts';
import { bootstrapMean, mean, quantile } from '../src/base/statistics.ts';
import { gradePair } from '../src/verify/shadow-grade.ts';
import { printResult, versions } from './lib/result.ts';
import { gsm8kPairs, jobPairs, livePairs, type ShadowPair } from './lib/shadow-pairs.ts';

const SEED = 20261127;
const ROUNDS = 2000;
/** From here a graded answer counts as right. */
const RIGHT = 0.5;

interface Graded {
  readonly pair: ShadowPair;
  /** Of the cheap spoke's answer; undefined where nothing is told of it. */
  readonly grade: number | undefined;
  /** The reference was the yardstick. */
  readonly isCompared: boolean;
}

function gradeOf(pair: ShadowPair): Graded {
  const { cheap, reference, request } = pair;
  const { grades } = gradePair(request, cheap, reference, reference.spoke);
  const scoreOf = (spoke: string) => grades.find((one) => one.spoke === spoke)?.score;
  return { pair, grade: scoreOf(cheap.spoke), isCompared: scoreOf(reference.spoke) === 1 };
}

const isRight = (score: number) => score >= RIGHT;

/** Part of what the reference gets right that the cheap spoke loses: by gold, and by agreement. */
function losses(rows: readonly Graded[]) {
  const right = rows.filter(({ pair }) => isRight(pair.reference.score));
  return {
    gold: mean(right.map(({ pair }) => (isRight(pair.cheap.score) ? 0 : 1))),
    told: mean(rows.map(({ grade = 0 }) => (isRight(grade) ? 0 : 1))),
  };
}

/** Percentile bootstrap over rows of told − gold. */
function surplusOf(rows: readonly Graded[]) {
  const random = seededRandom(SEED);
  const values = Array.from({ length: ROUNDS }, () => {
    const drawn = rows.flatMap(() => rows[Math.floor(random() * rows.length)] ?? []);
    const { gold, told } = losses(drawn);
    return told - gold;
  });
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function figuresOf(all: readonly Graded[]) {
  const compared = all.filter((one) => one.isCompared);
  const rightOf = (rows: readonly Graded[]) => {
    const scores = rows.map(({ pair }) => Number(isRight(pair.cheap.score)));
    const { value, low, high } = bootstrapMean(scores, { seed: SEED, rounds: ROUNDS });
    return { rows: rows.length, right: rounded(value), low: rounded(low), high: rounded(high) };
  };
  const { gold, told } = losses(compared);
  const { low, high } = surplusOf(compared);
  return {
    rows: all.length,
    compared: rounded(compared.length / all.length),
    cheapRight: rightOf(all).right,
    referenceRight: rounded(
      mean(compared.map(({ pair }) => Number(isRight(pair.reference.score)))),
    ),
    same: rightOf(compared.filter(({ grade = 0 }) => isRight(grade))),
    other: rightOf(compared.filter(({ grade = 0 }) => !isRight(grade))),
    failedChecks: rightOf(all.filter(({ grade, isCompared }) => grade === 0 && !isCompared)),
    loss: {
      gold: rounded(gold),
      told: rounded(told),
      surplus: { low: rounded(low), high: rounded(high) },
    },
  };
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(3)) : null;
}

const graded = [...gsm8kPairs(), ...jobPairs(), ...(await livePairs())].map(gradeOf);
const sets: Record<string, unknown> = {};
for (const set of new Set(graded.map(({ pair }) => pair.set))) {
  const rows = graded.filter(({ pair }) => pair.set === set);
  const slices = new Set(rows.map(({ pair }) => pair.slice));
  sets[set] = {
    ...figuresOf(rows),
    ...(slices.size < 2
      ? {}
      : {
          comparedBySlice: Object.fromEntries(
            [...slices].map((slice) => {
              const some = rows.filter(({ pair }) => pair.slice === slice);
              const share = some.filter((one) => one.isCompared).length / some.length;
              return [slice, `${rounded(share)} of ${some.length}`];
            }),
          ),
        }),
  };
}
const file = resolve(import.meta.dirname, 'results', 'gate-shadow.json');
const result = { bench: 'gate-shadow', metrics: sets, seed: SEED, versions: versions() };
writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
printResult('gate-shadow', SEED, sets);
