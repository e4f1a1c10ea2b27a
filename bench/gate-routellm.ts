/**
 * How much of the gap between a weak and a strong model does the gate recover (APGR by RouteLLM's
 * definitions), on their GSM8K and MMLU? Names as arguments run a part: gsm8k mmlu labels unseen
 * transfer answers. The gate reads prompts only; it is told no task of a row that it scores.
 */
import { shuffledIndices } from '../src/base/random.ts';
import { type Dataset, readDataset } from '../src/gate/success/dataset.ts';
import { reportGate } from '../src/gate/success/gate-report.ts';
import {
  type ScoringResult,
  scoreApart,
  scoreInFolds,
} from '../src/gate/success/held-out-scores.ts';
import { readData, readJsonLines } from './lib/data.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const LABELS = 1500;

const read = (name: string) => readDataset(readData('gate', `${name}.jsonl.gz`), name);
const gsm8k = read('routellm-gsm8k');
const mmlu = read('routellm-mmlu');

interface AnswerRow {
  readonly prompt: string;
  readonly weak_correct: boolean;
  readonly strong_correct: boolean;
  readonly weak_answer: string;
  readonly strong_answer: string;
}

/** The decontaminated questions of GSM8K with both answers. */
function withAnswers(): Dataset {
  const kept = new Set(gsm8k.rows.map((row) => row.prompt));
  const lines = readJsonLines<AnswerRow>('gate', 'routellm-gsm8k-answers.jsonl.gz')
    .filter((row) => kept.has(row.prompt))
    .map((row) =>
      JSON.stringify({
        prompt: row.prompt,
        scores: [row.weak_correct, row.strong_correct],
        answers: [row.weak_answer, row.strong_answer],
      }),
    );
  return readDataset(lines.join('\n'), 'routellm-gsm8k-answers');
}

/** Five folds, each learned from as many rows of the others as labels were paid for. */
function fewLabels(): ScoringResult {
  const order = shuffledIndices(mmlu.rows.length, SEED);
  const parts = [0, 1, 2, 3, 4].map((fold) => {
    const inFold = (at: number) => at % 5 === fold;
    const rowsAt = (places: readonly number[]) =>
      places.flatMap((at) => mmlu.rows[order[at] ?? -1] ?? []);
    const places = [...order.keys()];
    const test = { ...mmlu, rows: rowsAt(places.filter(inFold)) };
    const train = { ...mmlu, rows: rowsAt(places.filter((at) => !inFold(at)).slice(0, LABELS)) };
    return scoreApart(train, test, { seed: SEED });
  });
  return { scored: parts.flatMap((one) => one.scored), duplicates: 0, folds: 5 };
}

const QUESTIONS: Readonly<Record<string, () => readonly (readonly [string, ScoringResult])[]>> = {
  gsm8k: () => [['gsm8k', scoreInFolds(gsm8k, { count: 5, byTask: false }, { seed: SEED })]],
  answers: () => [
    [
      'gsm8k, cheap answer read',
      scoreInFolds(withAnswers(), { count: 5, byTask: false }, { seed: SEED, cheap: 0 }),
    ],
  ],
  mmlu: () => [['mmlu', scoreInFolds(mmlu, { count: 5, byTask: false }, { seed: SEED })]],
  labels: () => [[`mmlu, ${LABELS} labels`, fewLabels()]],
  unseen: () => [
    ['mmlu, unseen subjects', scoreInFolds(mmlu, { count: 5, byTask: true }, { seed: SEED })],
  ],
  transfer: () => [
    ['gsm8k, learned on mmlu', scoreApart(mmlu, gsm8k, { seed: SEED })],
    ['mmlu, learned on gsm8k', scoreApart(gsm8k, mmlu, { seed: SEED })],
  ],
};

const wanted = process.argv.slice(2).filter((word) => word in QUESTIONS);
const metrics: Record<string, unknown> = {};
for (const [name, ask] of Object.entries(QUESTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const [title, result] of ask()) {
    const { pair } = reportGate(result, { models: gsm8k.models, seed: SEED, reference: 1 });
    metrics[title] = pair;
    const { value, low, high } = pair?.cheapAnswerChecked?.apgr ?? pair?.gate.apgr ?? {};
    process.stdout.write(
      `${title}: APGR ${value?.toFixed(4)} (${low?.toFixed(4)} … ${high?.toFixed(4)})\n`,
    );
  }
}
printResult('gate-routellm', SEED, metrics);
