// How well is an answer of a cheap spoke judged by its checks, and what does asking it first save at
// equal quality? Development answers only; no row of gate-live is among them.
// CADRE_DATA=… cadre bench gate-cascade [--answers | --fit]
//   --answers  asks the starter models what is missing of their answers (resumable)
//   --fit      writes the checker that ships, from all answers
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { mean } from '../src/base/statistics.ts';
import { planCascade } from '../src/gate/cascade-plan.ts';
import { fitChecker } from '../src/verify/fit-checker.ts';
import { agreementRates } from './lib/cascade-agreement.ts';
import { answerRows, readAnswers } from './lib/cascade-answers.ts';
import {
  type GradedAnswer,
  gsm8kAnswers,
  jobAnswers,
  starterAnswers,
  weighted,
} from './lib/cascade-grades.ts';
import {
  compareCascade,
  discrimination,
  GROUPS,
  heldOut,
  pairsOf,
  rounded,
} from './lib/cascade-report.ts';
import { PAIRS } from './lib/cascade-rows.ts';
import { timeChecks } from './lib/cascade-timing.ts';
import { liveFolders } from './lib/live-farm.ts';
import { printResult, versions } from './lib/result.ts';

const SEEDS = [20261129, 1, 2] as const;
const RESULTS = resolve(import.meta.dirname, 'results');
const ANSWERS = resolve(RESULTS, 'gate-cascade.answers.jsonl');
const CHECKER = resolve(import.meta.dirname, '../src/verify/answer-checker.generated.json');
/** Of the reference's score that a cascade may give up where "equal" is wanted with some tolerance. */
const SLACKS = [0, 0.01, 0.05] as const;

if (process.argv.includes('--answers')) {
  await answerRows(ANSWERS);
  process.exit(0);
}
const jobs = jobAnswers(readAnswers(ANSWERS), resolve(RESULTS, 'gate-live.answers.jsonl'));
const answers: GradedAnswer[] = [
  ...jobs,
  ...starterAnswers(resolve(RESULTS, 'starter-farm.rows.jsonl')),
  ...gsm8kAnswers(),
];

/** Of what the reference gets wrong, the share that it gets right where the cheap spoke is right. */
function sharedOf(all: readonly GradedAnswer[]): number {
  const pairs = pairList(all, new Float64Array(all.length));
  const right = pairs.filter((one) => one.cheap.score >= 0.5);
  const whole = mean(pairs.map((one) => one.reference.score));
  const both = mean(right.map((one) => one.reference.score));
  return Math.min(1, Math.max(0, (both - whole) / Math.max(1e-9, 1 - whole)));
}

function pairList(all: readonly GradedAnswer[], scored: Float64Array) {
  return Object.values(PAIRS).flatMap(([cheap, next]) => pairsOf(all, scored, cheap, next));
}

if (process.argv.includes('--fit')) {
  const agreeing = await agreementRates(liveFolders().answers);
  const checker = fitChecker(weighted(answers), {
    source: `${answers.length} development answers: jobs on a given text, the starter-farm benchmark, GSM8K solutions of RouteLLM’s release`,
    shared: rounded(sharedOf(answers)),
    agreeing: { right: agreeing.right, wrong: agreeing.wrong },
  });
  writeFileSync(CHECKER, `${JSON.stringify(checker, null, 2)}\n`);
  process.stdout.write(`${CHECKER}\n`);
  process.exit(0);
}

const SETS: Readonly<Record<string, (one: GradedAnswer) => boolean>> = {
  all: () => true,
  extract: (one) => one.source === 'jobs' && one.task === 'extract',
  rewrite: (one) => one.source === 'jobs' && one.task === 'rewrite',
  reading: (one) => one.source === 'jobs' && one.task === 'reading',
  'starter-farm': (one) => one.source === 'starter-farm',
  gsm8k: (one) => one.source === 'gsm8k',
};

function discriminate(scored: Float64Array) {
  return Object.fromEntries(
    Object.entries(SETS).map(([name, isIn]) => {
      const places = answers.flatMap((one, at) => (isIn(one) ? [at] : []));
      const some = places.flatMap((at) => answers[at] ?? []);
      return [
        name,
        discrimination(
          some,
          Float64Array.from(places, (at) => scored[at] ?? 0),
        ),
      ];
    }),
  );
}

/** Planning among 11 candidates, CPU microseconds per request. */
function timePlans(): number {
  const candidates = Array.from({ length: 11 }, (_, at) => ({
    spoke: `s${at}`,
    probability: 0.3 + at * 0.06,
    cost: 0.001 * 1.6 ** at,
    latencyMs: 500 * 1.3 ** at,
    resident: true,
  }));
  const route = candidates.at(-1);
  if (route === undefined) return Number.NaN;
  const terms = { promise: 0.85, power: 1.5, shared: 0.4, check: { ms: 1, dollars: 0 } };
  const rounds = 20_000;
  let start = process.cpuUsage();
  for (let round = 0; round < 2 * rounds; round += 1) {
    if (round === rounds) start = process.cpuUsage();
    planCascade(candidates, route, { ...terms, promise: 0.7 + (round % 30) / 100 });
  }
  const { user, system } = process.cpuUsage(start);
  return rounded((user + system) / rounds);
}

const timing = timeChecks(readAnswers(ANSWERS));
const [seed] = SEEDS;
const scored = heldOut(answers, seed);
const groups: Record<string, Record<string, number>> = {};
for (const [group, signs] of Object.entries(GROUPS)) {
  const less = discriminate(heldOut(answers, seed, new Set(signs)));
  groups[group] = Object.fromEntries(Object.entries(less).map(([name, one]) => [name, one.auroc]));
}
const middle = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const cascades = SEEDS.map((each) => {
  const held = each === seed ? scored : heldOut(answers, each);
  const lists: Readonly<Record<string, ReturnType<typeof pairsOf>>> = {
    jobs: pairList(jobs, held.slice(0, jobs.length)),
    ...Object.fromEntries(
      Object.entries(PAIRS).map(([task, [cheap, next]]) => [
        task,
        pairsOf(jobs, held.slice(0, jobs.length), cheap, next),
      ]),
    ),
    'starter-farm': pairsOf(answers, held, middle, 'general'),
    gsm8k: pairsOf(answers, held, 'mixtral', 'gpt-4'),
  };
  return Object.fromEntries(
    Object.entries(lists)
      .filter(([, pairs]) => pairs.length >= 20)
      .map(([name, pairs]) => [
        name,
        Object.fromEntries(
          SLACKS.map((slack) => [
            `less${slack}`,
            compareCascade(pairs, {
              seed: each,
              slack,
              checkSeconds: name === 'gsm8k' ? 0 : timing.meanSeconds,
            }),
          ]),
        ),
      ]),
  );
});
const metrics = {
  agreement: await agreementRates(liveFolders().answers),
  planMicroseconds: timePlans(),
  checked: discriminate(scored),
  withoutGroup: groups,
  cascades: Object.fromEntries(SEEDS.map((each, at) => [each, cascades[at]])),
  checks: timing,
};
writeFileSync(
  resolve(RESULTS, 'gate-cascade.json'),
  `${JSON.stringify({ bench: 'gate-cascade', metrics, seed, versions: versions() }, null, 1)}\n`,
);
printResult('gate-cascade', seed, metrics);
