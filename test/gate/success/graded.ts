import { seededRandom } from '../../../src/base/random.ts';
import { readText } from '../../../src/base/text-reading.ts';
import type { GradedRows } from '../../../src/gate/success/rows.ts';

const KINDS = [
  {
    task: 'sums',
    words: 'add subtract multiply numbers 12 45 calculate total of 7',
    rates: [0.9, 0.3, 0.6],
  },
  {
    task: 'poems',
    words: 'write poem rhyme about moon sea love verse gentle',
    rates: [0.2, 0.9, 0.6],
  },
  {
    task: 'facts',
    words: 'which country capital city river history of the people',
    rates: [0.5, 0.5, 0.6],
  },
] as const;

export interface GradedText {
  readonly text: string;
  readonly task: string;
  readonly scores: readonly number[];
}

/** Requests of three kinds; each of the first two models is good at one, the third fair at all. */
export function gradedTexts(count: number, seed: number): GradedText[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, row) => {
    const { task, words, rates } = KINDS[row % KINDS.length] ?? KINDS[0];
    const vocabulary = words.split(' ');
    const text = Array.from(
      { length: 8 },
      () => vocabulary[Math.floor(random() * vocabulary.length)],
    ).join(' ');
    return { text: `${text} ${row}`, task, scores: rates.map((rate) => (random() < rate ? 1 : 0)) };
  });
}

export function gradedRows(texts: readonly GradedText[], withTasks = true): GradedRows {
  return {
    models: ['counter', 'poet', 'fair'],
    readings: texts.map((one) => readText(one.text)),
    tasks: texts.map((one) => (withTasks ? one.task : '')),
    scores: Float64Array.from(texts.flatMap((one) => one.scores)),
    weights: new Float64Array(texts.length).fill(1),
  };
}
