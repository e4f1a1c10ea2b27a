/**
 * The best model silently loses half of its right answers in the middle of the traffic, and only the
 * chosen model's score is ever seen. How much does a gate that watches and learns keep?
 * CADRE_DATA=… cadre bench gate-drift
 */
import { alarmThreshold, averageRunLength } from '../src/base/cusum.ts';
import { hashText } from '../src/base/hashing.ts';
import { seededRandom, shuffledIndices } from '../src/base/random.ts';
import { trainSoftmax } from '../src/base/softmax.ts';
import { scoreSoftmax } from '../src/base/softmax-scores.ts';
import { bootstrapMean, mean } from '../src/base/statistics.ts';
import type { OnlineState } from '../src/core/online-state.ts';
import {
  decideOnline,
  learnOutcome,
  ONLINE_DEFAULTS,
  type OnlineOptions,
  startOnline,
} from '../src/gate/online.ts';
import { readData, readJsonLines } from './lib/data.ts';
import type { GradedPrompt } from './lib/gate-pools.ts';
import { printResult } from './lib/result.ts';

const SEED = 20261126;
const REPLAYS = 20;
const WARM_ROWS = 1000;
/** Rows that the mean over all tasks is worth in a task's row of the table. */
const SHRINKAGE = 8;

const { models } = JSON.parse(readData('gate', 'llmrouter-8-models.json')) as { models: string[] };
const rows = readJsonLines<GradedPrompt>('gate', 'llmrouter-8-models-train.jsonl.gz');
const tasks = [...new Set(rows.map((row) => row.task))];
const vectors = new Map(rows.map((row) => [row, hashText(row.prompt)]));
const everyModel = [...models.keys()];

interface Replay {
  readonly table: { readonly rates: number[][]; readonly weights: number[][] };
  /** Scores of the models per request, and the task that the classifier sees in it. */
  readonly stream: readonly { readonly scores: readonly number[]; readonly task: number }[];
  /** The same with the best model's fall from the middle on. */
  readonly fallen: readonly { readonly scores: readonly number[]; readonly task: number }[];
  readonly best: number;
}

function tableOf(part: readonly { task: number; scores: readonly number[] }[], shrinkage: number) {
  const rates = tasks.map((_, task) => {
    const own = part.filter((row) => row.task === task);
    return everyModel.map((model) => {
      const base = mean(part.map((row) => row.scores[model] ?? 0));
      const right = own.reduce((sum, row) => sum + (row.scores[model] ?? 0), 0);
      return (right + base * shrinkage) / (own.length + shrinkage);
    });
  });
  const weights = tasks.map((_, task) => {
    const count = part.filter((row) => row.task === task).length;
    return everyModel.map(() => count);
  });
  return { rates, weights };
}

/** 1,000 rows graded for every model fit classifier and table; the others come one by one. */
function replayOf(seed: number): Replay {
  const order = Array.from(shuffledIndices(rows.length, seed), (at) => rows[at] as GradedPrompt);
  const warm = order.slice(0, WARM_ROWS);
  const classifier = trainSoftmax(
    warm.map((row) => vectors.get(row) ?? hashText('')),
    Int32Array.from(warm, (row) => tasks.indexOf(row.task)),
    {
      classCount: tasks.length,
      seed,
      epochs: 8,
      learningRate: 0.3,
      dropout: 0.2,
      columnLimit: 20_000,
    },
  );
  const seen = (row: GradedPrompt) => {
    const { scores } = scoreSoftmax(classifier, vectors.get(row) ?? hashText(''));
    return { scores: row.scores, task: scores.indexOf(Math.max(...scores)) };
  };
  const known = warm.map((row) => ({ scores: row.scores, task: tasks.indexOf(row.task) }));
  const totals = everyModel.map((model) => mean(warm.map((row) => row.scores[model] ?? 0)));
  const best = totals.indexOf(Math.max(...totals));
  const stream = order.slice(WARM_ROWS).map(seen);
  const random = seededRandom(seed + 1);
  const fallen = stream.map((row, at) => {
    const isLost = at >= stream.length / 2 && random() < 0.5;
    return isLost ? { ...row, scores: row.scores.with(best, 0) } : row;
  });
  return { table: tableOf(known, SHRINKAGE), stream, fallen, best };
}

interface Run {
  readonly first: number;
  readonly second: number;
  readonly state?: OnlineState;
}

function halves(scores: readonly number[]): Run {
  const middle = Math.ceil(scores.length / 2);
  return { first: mean(scores.slice(0, middle)), second: mean(scores.slice(middle)) };
}

function ruleRun(stream: Replay['stream'], ratesOf: (task: number) => readonly number[]): Run {
  return halves(
    stream.map((row) => {
      const rates = ratesOf(row.task);
      return row.scores[rates.indexOf(Math.max(...rates))] ?? 0;
    }),
  );
}

function onlineRun(
  { table }: Replay,
  stream: Replay['stream'],
  options: OnlineOptions,
  seed: number,
): Run {
  const random = seededRandom(seed);
  let state = startOnline({ tasks, models, ...table });
  const scores = stream.map((row) => {
    const decision = decideOnline(state, row.task, everyModel, options, random);
    if (decision === undefined) throw new RangeError('there are models to choose among');
    const score = row.scores[decision.model] ?? 0;
    const outcome = { task: row.task, model: decision.model, score };
    state = learnOutcome(decision.state, outcome, options);
    return score;
  });
  return { ...halves(scores), state };
}

const deaf: OnlineOptions = { ...ONLINE_DEFAULTS, calmOutcomes: Number.MAX_VALUE };
const exploring: OnlineOptions = { ...ONLINE_DEFAULTS, exploreShare: 0.05 };

function replay(seed: number) {
  const one = replayOf(seed);
  const { table, stream, fallen, best } = one;
  const { rates } = table;
  const knowing = rates.map((row) => row.with(best, (row[best] ?? 0) / 2));
  const after = tableOf(fallen.slice(fallen.length / 2), 0).rates;
  const always = (model: number) =>
    ruleRun(fallen, () => everyModel.map((at) => (at === model ? 1 : 0)));
  const runs: Record<string, Run> = {
    'static gate': ruleRun(fallen, (task) => rates[task] ?? []),
    'always the best of the warm rows': always(best),
    'learning without a watch': onlineRun(one, fallen, deaf, seed),
    'watching and learning': onlineRun(one, fallen, ONLINE_DEFAULTS, seed),
    'and exploring at most 5 %': onlineRun(one, fallen, exploring, seed),
    'no fall: static gate': ruleRun(stream, (task) => rates[task] ?? []),
    'no fall: watching and learning': onlineRun(one, stream, ONLINE_DEFAULTS, seed),
    'no fall: and exploring at most 5 %': onlineRun(one, stream, exploring, seed),
  };
  const limits = {
    'the best single model after the fall': Math.max(...everyModel.map((at) => always(at).second)),
    'the warm table, told of the fall': ruleRun(fallen, (task) => knowing[task] ?? []).second,
    'the best table of the second half itself': ruleRun(fallen, (task) => after[task] ?? []).second,
    'the best model of each request': halves(fallen.map((row) => Math.max(...row.scores))).second,
  };
  return { one, runs, limits };
}

const replays = Array.from({ length: REPLAYS }, (_, at) => replay(SEED + 10 * at));
const rounded = (value: number) => Number(value.toFixed(4));

function summary(values: readonly number[]) {
  const { value, low, high } = bootstrapMean(values, { seed: SEED });
  return { mean: rounded(value), low: rounded(low), high: rounded(high) };
}

const halvesOf: Record<string, { first: number; second: ReturnType<typeof summary> }> = {};
for (const name of Object.keys(replays[0]?.runs ?? {})) {
  const runs = replays.flatMap((one) => one.runs[name] ?? []);
  const first = rounded(mean(runs.map((run) => run.first)));
  halvesOf[name] = { first, second: summary(runs.map((run) => run.second)) };
  const { mean: value, low, high } = halvesOf[name].second;
  console.log(
    `${name.padEnd(42)} first half ${first.toFixed(3)}  second ${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
  );
}
const limits: Record<string, number> = {};
for (const name of Object.keys(replays[0]?.limits ?? {})) {
  limits[name] = rounded(mean(replays.map((one) => one.limits[name as keyof typeof one.limits])));
  console.log(`${name.padEnd(42)}                   second ${limits[name].toFixed(3)}`);
}

/** Alarms about anything but the model that fell, and how soon the true one came. */
function alarms() {
  let calmOutcomes = 0;
  let falseAlarms = 0;
  const delays: number[] = [];
  for (const { one, runs } of replays) {
    const calm = runs['no fall: watching and learning']?.state;
    calmOutcomes += calm?.outcomes ?? 0;
    falseAlarms += calm?.alarms.length ?? 0;
    const found = runs['watching and learning']?.state?.alarms.find(
      (alarm) => alarm.model === models[one.best] && alarm.outcome > one.stream.length / 2,
    );
    if (found !== undefined) delays.push(found.outcome - Math.ceil(one.stream.length / 2));
  }
  const { fall, calmOutcomes: promised } = ONLINE_DEFAULTS;
  const threshold = alarmThreshold(promised, 1, 2);
  const chart = { expected: 0.7, fall, threshold };
  return {
    calmOutcomes,
    falseAlarms,
    mostExpectedFalseAlarms: rounded(calmOutcomes / promised),
    threshold: rounded(threshold),
    fallFound: delays.length,
    replays: REPLAYS,
    requestsUntilAlarm: summary(delays),
    runLengthAtRate: {
      // One chart that expects 0.7: outcomes until its alarm when that is true, and after a fall to half.
      calm: Math.round(averageRunLength(chart, 0.7)),
      fallen: Math.round(averageRunLength(chart, 0.35)),
    },
  };
}

const watched = alarms();
console.log(JSON.stringify(watched));
printResult('gate-drift', SEED, {
  replays: REPLAYS,
  warmRows: WARM_ROWS,
  models: models.length,
  halves: halvesOf,
  limits,
  alarms: watched,
});
