/**
 * What does the gate make of LLMRouter's eight models? Names as arguments run a part: folds (oracle
 * gap closed beside the best single model), tasks (whole tasks left out), stable (the same choice
 * under typos, case and politeness), onboarding (a model known by few rows). The gate reads prompts.
 */
import { seededRandom } from '../src/base/random.ts';
import { bootstrapMean } from '../src/base/statistics.ts';
import { readText } from '../src/base/text-reading.ts';
import { readDataset } from '../src/gate/success/dataset.ts';
import { fitSuccess } from '../src/gate/success/fit.ts';
import { reportGate } from '../src/gate/success/gate-report.ts';
import { gradedOf, scoreInFolds } from '../src/gate/success/held-out-scores.ts';
import { bestModel, estimateSuccess } from '../src/gate/success/success-model.ts';
import { readData, shuffleByHash } from './lib/data.ts';
import { measureOnboarding } from './lib/onboarding.ts';
import { printResult } from './lib/result.ts';

/** A number among the arguments is the seed of folds and fits. */
const SEED = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1);
const { models, prices } = JSON.parse(readData('gate', 'llmrouter-8-models.json')) as {
  models: string[];
  prices: Record<string, { input_price: number; output_price: number }>;
};
const data = readDataset(
  readData('gate', 'llmrouter-8-models-train.jsonl.gz'),
  'llmrouter',
  models,
);

/** US dollars per thousand requests of a thousand tokens. */
const costs = models.map((model) => prices[model]?.output_price ?? 0);

function folds(byTask: boolean) {
  const result = scoreInFolds(data, { count: 5, byTask }, { seed: SEED });
  const report = reportGate(result, { models, seed: SEED, costs: () => costs });
  const { accuracy, gain, oracleGapClosed: gap, oracleGapClosedToldTask: told } = report;
  const left = result.scored.filter((one) => one.choice !== one.best).length;
  const line = (value: number) => value.toFixed(4);
  print(
    `${byTask ? 'tasks left out' : 'folds'}: ${report.rows} rows, gate ${line(accuracy.gate)}, best single ${line(accuracy.bestSingle)}, oracle ${line(accuracy.oracle)}`,
  );
  print(`  gate − best single ${line(gain.value)} (${line(gain.low)} … ${line(gain.high)})`);
  print(`  oracle gap closed ${line(gap.value)} (${line(gap.low)} … ${line(gap.high)})`);
  print(`  told the task ${line(told.value)}, task mean ${line(report.oracleGapClosedByTaskMean)}`);
  return {
    rows: report.rows,
    accuracy,
    gain,
    oracleGapClosed: gap,
    oracleGapClosedToldTask: told,
    oracleGapClosedByTaskMean: report.oracleGapClosedByTaskMean,
    leavesBestSingle: left / result.scored.length,
    areaOverCost: report.costs?.area,
  };
}

type Mark = (text: string, random: () => number) => string;

const MARKS: Readonly<Record<string, Mark>> = {
  typos: (text, random) =>
    text
      .split(' ')
      .map((word) => (word.length > 3 && random() < 0.05 ? swapLetters(word, random) : word))
      .join(' '),
  'lower case': (text) => text.toLowerCase(),
  'polite words': (text) => `Could you please help me with this? ${text} Thank you very much!`,
  'other polite words': (text, random) => {
    const [before, after] = OTHER_COURTESIES[Math.floor(random() * OTHER_COURTESIES.length)] ?? [];
    return `${before} ${text} ${after}`;
  },
};

/** Written after the gate's lists of courtesies and its rules for them; neither was changed since. */
const OTHER_COURTESIES: readonly (readonly [string, string])[] = [
  ['Good evening, I need your expertise on something.', 'Thanks a bunch, you are a lifesaver!'],
  ['Hi team, hope everyone had a nice weekend.', 'Looking forward to your reply. Kind regards'],
  ['I would be so thankful if you could answer this one.', 'Thx :)'],
  ['Servus, hättest du kurz Zeit für mich?', 'Ich danke dir schon mal ganz herzlich!'],
  ['Bonsoir, petite question rapide.', 'Je vous remercie infiniment.'],
  ['Buenas, ¿me echas una mano con esto?', 'Te lo agradezco un montón.'],
  ['在吗？想问一下：', '辛苦了，感谢！'],
];

function swapLetters(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2));
  return `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at] ?? ''}${word.slice(at + 2)}`;
}

/** A fifth of the rows, marked; the gate was fitted on the others. */
function stable() {
  const order = shuffleByHash(data.rows, (row) => row.prompt, 'gate-pool');
  const held = order.slice(0, Math.floor(order.length / 5));
  const training = order.slice(held.length);
  const readings = training.map((row) => readText(row.prompt));
  const gate = fitSuccess(gradedOf(models, training, readings), { seed: SEED });
  const choose = (text: string) => bestModel(gate, estimateSuccess(gate, readText(text)));
  const plain = held.map((row) => choose(row.prompt));
  const shares = Object.entries(MARKS).map(([name, mark]) => {
    const random = seededRandom(SEED);
    const same = held.map((row, at) => (choose(mark(row.prompt, random)) === plain[at] ? 1 : 0));
    return [name, bootstrapMean(same, { seed: SEED })] as const;
  });
  for (const [name, share] of shares)
    print(`same choice, ${name}: ${share.value.toFixed(4)} (${share.low.toFixed(4)} …)`);
  return { rows: held.length, ...Object.fromEntries(shares) };
}

/** Each model in turn joins by few rows; every row is held out once. */
function onboarding() {
  const order = shuffleByHash(data.rows, (row) => row.prompt, 'gate-pool');
  return measureOnboarding(order, models, SEED, print);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const QUESTIONS: Readonly<Record<string, () => unknown>> = {
  folds: () => folds(false),
  tasks: () => folds(true),
  stable,
  onboarding,
};

const wanted = process.argv.slice(2).filter((word) => word in QUESTIONS);
const metrics: Record<string, unknown> = {};
for (const [name, ask] of Object.entries(QUESTIONS))
  if (wanted.length === 0 || wanted.includes(name)) metrics[name] = ask();
printResult('gate-pool', SEED, metrics);
