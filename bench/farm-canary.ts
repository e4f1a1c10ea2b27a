/**
 * What does the test of a trial decide, and after how many graded answers of the candidate? Simulated
 * grades: the live version is right in 90 % of its answers, the candidate more or less often; 19 graded
 * answers of the live one between two of the candidate (5 % of the requests), looked at after each.
 * Beside it an exact test of the same grades at 5 %, looked at after each as well: what looking costs.
 * And without a word of anybody: the live version's answers give way to another spoke in 10 %, the
 * candidate's as often or more; how many candidates that sends back.
 */
import { seededRandom } from '../src/base/random.ts';
import { binomialTail, quantile, wilsonInterval } from '../src/base/statistics.ts';
import { learnLeft, learnLive, learnOwn, startTrial, verdictOf } from '../src/learn/canary-test.ts';
import { printResult, round } from './lib/result.ts';

const SEED = 20261127;
const ROUNDS = 1000;
/** Graded answers of the candidate after which a series is given up. */
const MOST = 1500;
const LIVE = 0.9;
const BESIDE = 19;
const GIVES_WAY = 0.1;
const GAPS = [-0.1, -0.05, -0.025, 0, 0.025, 0.05, 0.075] as const;

interface Ended {
  readonly to: 'live' | 'candidate' | 'open';
  readonly pairs: number;
  /** The exact test called it better at some look. */
  readonly peeked: boolean;
}

function series(mode: 'guard' | 'proof', own: number, seed: number): Ended {
  const random = seededRandom(seed);
  let trial = startTrial({ against: 1, since: 0, mode });
  let right = 0;
  let peeked = false;
  for (let pairs = 1; pairs <= MOST; pairs += 1) {
    for (let at = 0; at < BESIDE; at += 1) trial = learnLive(trial, random() < LIVE ? 1 : 0);
    const grade = random() < own ? 1 : 0;
    trial = learnOwn(trial, grade);
    right += grade;
    // A test of a known rate, which is kinder to it than one of two samples.
    peeked ||= pairs >= 20 && binomialTail(right, pairs, LIVE) > 1 - 0.05;
    const verdict = verdictOf(trial, 0);
    if (verdict !== undefined) return { to: verdict.to, pairs, peeked };
  }
  return { to: 'open', pairs: MOST, peeked };
}

/** Ungraded answers of the candidate until it is sent back; undefined = it is not. */
function gaveWay(share: number, seed: number): number | undefined {
  const random = seededRandom(seed);
  let trial = startTrial({ against: 1, since: 0, mode: 'proof' });
  for (let pairs = 1; pairs <= MOST; pairs += 1) {
    for (let at = 0; at < BESIDE; at += 1)
      trial = learnLeft(trial, 'live', random() < GIVES_WAY ? 0 : 1);
    trial = learnLeft(trial, 'own', random() < share ? 0 : 1);
    if (verdictOf(trial, 0) !== undefined) return pairs;
  }
  return undefined;
}

function judge(mode: 'guard' | 'proof', gap: number) {
  const ended = Array.from({ length: ROUNDS }, (_, at) => series(mode, LIVE + gap, SEED + at));
  const share = (to: Ended['to']) => {
    const { value, low, high } = wilsonInterval(
      ended.filter((one) => one.to === to).length,
      ROUNDS,
    );
    return { share: round(value), interval: [round(low), round(high)] };
  };
  const pairs = ended.filter(({ to }) => to !== 'open').map((one) => one.pairs);
  return {
    live: share('live'),
    back: share('candidate'),
    medianAnswers: pairs.length === 0 ? null : quantile(pairs, 0.5),
    ...(mode === 'proof'
      ? { exactTestLookedAtEachTime: round(ended.filter((one) => one.peeked).length / ROUNDS) }
      : {}),
  };
}

function judgeLeft(share: number) {
  const ended = Array.from({ length: ROUNDS }, (_, at) => gaveWay(share, SEED + at));
  const pairs = ended.filter((one) => one !== undefined);
  const { value, low, high } = wilsonInterval(pairs.length, ROUNDS);
  return {
    back: { share: round(value), interval: [round(low), round(high)] },
    medianAnswers: pairs.length === 0 ? null : quantile(pairs, 0.5),
  };
}

const metrics: Record<string, ReturnType<typeof judge> | ReturnType<typeof judgeLeft>> = {};
for (const mode of ['proof', 'guard'] as const)
  for (const gap of GAPS) {
    const name = `${mode}, ${gap < 0 ? '−' : '+'}${Math.abs(100 * gap)} points`;
    const figures = judge(mode, gap);
    metrics[name] = figures;
    process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
  }
for (const share of [GIVES_WAY, 0.15, 0.2, 0.3]) {
  const name = `ungraded, ${100 * share} % give way`;
  metrics[name] = judgeLeft(share);
  process.stdout.write(`${name}: ${JSON.stringify(metrics[name])}\n`);
}
printResult('farm-canary', SEED, metrics);
