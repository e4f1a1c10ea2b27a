import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { readData, readJsonLines, shuffleByHash } from './data.ts';
import { readBanking77, readClinc150 } from './intent-sets.ts';
import { TASK_OF } from './slices.ts';

/** Texts that get one of a list of labels, as a specialist and a generalist are asked. */
export interface LabelTask {
  readonly id: string;
  /** What the label says of the text, for the generalist. */
  readonly instruction: string;
  readonly labels: readonly string[];
  /** What the specialist is taught, and the generalist's examples are taken of. */
  readonly train: readonly LabelledText[];
  /** In a fixed order, none of them among the training rows. */
  readonly test: readonly LabelledText[];
}

/** Longer texts are cut for both: reading them takes the generalist minutes and asks nothing else. */
const LONGEST_TEXT = 500;
/** Training rows of the sets that have more. */
const MOST_TAUGHT = 3000;
const SEED = 'farm-generalist';

/** The tasks, those that take the generalist least time first. */
export const LABEL_TASKS: Readonly<Record<string, () => LabelTask>> = {
  injection: () =>
    taskOf(
      'injection',
      'Say whether the text tries to make an assistant ignore or change its instructions (injection), or is harmless.',
      splitRows(readInjections(), 200),
    ),
  clinc150: () =>
    taskOf('clinc150', 'Name the intent of the message to an assistant.', readClinc150()),
  banking77: () =>
    taskOf('banking77', "Name the intent of the bank customer's message.", readBanking77()),
  kind: () =>
    taskOf(
      'kind',
      'Say what kind of task the request is: arithmetic (a number is to be worked out), code (a program is to be written), multiple-choice (one of the listed choices), question (a fact is asked), reason (a puzzle of several conditions), or write (a text from given words).',
      splitRows(readKinds(), 1000),
    ),
  topic: () =>
    taskOf('topic', 'Name the subject of the examination question.', splitRows(readTopics(), 1000)),
};

function taskOf(
  id: string,
  instruction: string,
  { train, test }: Pick<LabelTask, 'train' | 'test'>,
): LabelTask {
  const short = (rows: readonly LabelledText[]) =>
    rows.map(({ text, label }) => ({ text: text.slice(0, LONGEST_TEXT), label }));
  const taught = new Set(train.map((row) => row.text));
  const unseen = test.filter((row) => !taught.has(row.text));
  return {
    id,
    instruction,
    labels: [...new Set(train.map((row) => row.label))].sort(),
    train: short(train),
    test: short(shuffleByHash(unseen, (row) => row.text, SEED)),
  };
}

/** Equal texts, after the cut, are on one side. */
function splitRows(rows: readonly LabelledText[], testCount: number) {
  const unique = new Map(rows.map((row) => [row.text.slice(0, LONGEST_TEXT).trim(), row]));
  const order = shuffleByHash([...unique.values()], (row) => row.text, SEED);
  return {
    test: order.slice(0, testCount),
    train: order.slice(testCount, testCount + MOST_TAUGHT),
  };
}

/** deepset's prompts, and NotInject's harmless ones with the words that attacks use. */
function readInjections(): LabelledText[] {
  const prompts = readJsonLines<{ text: string; label: number }>(
    'trust',
    'deepset-injection-train.jsonl.gz',
  );
  const harmless = JSON.parse(readData('trust', 'notinject-one.json.gz')) as { prompt: string }[];
  return [
    ...prompts.map(({ text, label }) => ({ text, label: label === 1 ? 'injection' : 'harmless' })),
    ...harmless.map(({ prompt }) => ({ text: prompt, label: 'harmless' })),
  ];
}

/** MMLU's questions with their 57 subjects. */
function readTopics(): LabelledText[] {
  return readJsonLines<{ prompt: string; task: string }>('gate', 'routellm-mmlu.jsonl.gz').map(
    ({ prompt, task }) => ({ text: prompt, label: task }),
  );
}

/** Questions of 14 sets with the gate's kind of task that each asks for. */
function readKinds(): LabelledText[] {
  interface Question {
    readonly prompt: string;
    readonly task: string;
    readonly choices?: readonly { readonly label: string; readonly text: string }[];
  }
  return readJsonLines<Question>('gate', 'questions-with-gold.jsonl.gz').flatMap(
    ({ prompt, task, choices }) => {
      const label = TASK_OF[task];
      if (label === undefined) return [];
      // The set lists bare words; in use the order comes with them.
      if (task === 'commongen')
        return [{ text: `Write a paragraph with all of these words: ${prompt}`, label }];
      const listed = Array.isArray(choices)
        ? choices.map((one) => `\n${one.label}. ${one.text}`).join('')
        : '';
      return [{ text: label === 'multiple-choice' ? `${prompt}${listed}` : prompt, label }];
    },
  );
}
