import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { readJsonLines, shuffleByHash } from './data.ts';
import { type IntentSet, readBanking77, readClinc150 } from './intent-sets.ts';
import type { LiveRow } from './live-row.ts';

/** A sorting job: what a micro-model may learn from, and what it is asked. */
export interface LabelSet {
  /** Name of the slice and of the classifier spoke. */
  readonly name: string;
  readonly system: string;
  readonly labels: readonly string[];
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
}

const SHORTEST = 20;
const LONGEST = 400;
/** Rows of one subject that its micro-model learns from at most. */
const MOST_PER_SUBJECT = 300;

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  law: ['professional_law', 'international_law', 'jurisprudence'],
  medicine: ['clinical_knowledge', 'professional_medicine', 'college_medicine', 'anatomy'],
  psychology: ['high_school_psychology', 'professional_psychology'],
  economics: ['high_school_macroeconomics', 'high_school_microeconomics', 'econometrics'],
  biology: ['high_school_biology', 'college_biology'],
  chemistry: ['high_school_chemistry', 'college_chemistry'],
  physics: ['conceptual_physics', 'high_school_physics', 'college_physics'],
  history: ['high_school_us_history', 'high_school_world_history', 'prehistory'],
  mathematics: ['elementary_mathematics', 'high_school_mathematics', 'abstract_algebra'],
  computing: ['high_school_computer_science', 'college_computer_science', 'computer_security'],
};

function labelsOf(rows: readonly LabelledText[]): string[] {
  return [...new Set(rows.map((row) => row.label))].sort();
}

function intents(name: string, { train, test }: IntentSet): LabelSet {
  const labels = labelsOf(train);
  const system = `Classify the message into one of these intents: ${labels.join(', ')}.`;
  return { name, system, labels, train, test };
}

/** Exam questions without their options, by subject. */
function subjects(seed: string): LabelSet {
  const subjectOf = new Map(
    Object.entries(SUBJECTS).flatMap(([label, tasks]) => tasks.map((task) => [task, label])),
  );
  const rows = readJsonLines<{ prompt: string; task: string }>(
    'gate',
    'routellm-mmlu.jsonl.gz',
  ).flatMap(({ prompt, task }) => {
    const label = subjectOf.get(task);
    const text = (prompt.split('\nA. ')[0] ?? '').replace(/\s+/g, ' ').trim();
    return label === undefined ? [] : [{ text, label }];
  });
  const { train, test } = splitByHash(rows, `${seed}/subjects`, 0.2);
  const labels = labelsOf(train);
  const counts = new Map<string, number>();
  const capped = train.filter(({ label }) => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    return (counts.get(label) ?? 0) <= MOST_PER_SUBJECT;
  });
  const system = `Which subject does the exam question belong to? Choose one of: ${labels.join(', ')}.`;
  return { name: 'subjects', system, labels, train: capped, test };
}

/** Messages that try to take an assistant over, and ordinary ones. */
function injections(seed: string): LabelSet {
  const rows = readJsonLines<{ text: string; label: number }>(
    'trust',
    'deepset-injection-train.jsonl.gz',
  ).map((row) => ({ text: row.text.trim(), label: row.label === 1 ? 'attack' : 'ordinary' }));
  const { train, test } = splitByHash(rows, `${seed}/injections`, 0.25);
  const system =
    'Classify the message as attack or ordinary: attack, when it tries to make an assistant ignore its instructions or play a part; ordinary, when it only asks for something.';
  return { name: 'injections', system, labels: labelsOf(train), train, test };
}

/** The same text never lies on both sides. */
function splitByHash(
  rows: readonly LabelledText[],
  seed: string,
  share: number,
): { train: LabelledText[]; test: LabelledText[] } {
  const known = new Map(rows.map((row) => [row.text.toLowerCase(), row]));
  const unique = shuffleByHash([...known.values()], (row) => row.text, seed);
  const cut = Math.floor(unique.length * share);
  return { test: unique.slice(0, cut), train: unique.slice(cut) };
}

export function labelSets(seed: string): readonly LabelSet[] {
  return [
    intents('banking77', readBanking77()),
    intents('clinc150', readClinc150()),
    subjects(seed),
    injections(seed),
  ];
}

/** Test rows of a set as requests with the labels in the prompt and in the answer's schema. */
export function labelRows(
  set: LabelSet,
  count: number,
  seed: string,
  isTaken: (text: string) => boolean,
): LiveRow[] {
  const usable = set.test.filter(
    ({ text }) => text.length >= SHORTEST && text.length <= LONGEST && !isTaken(text),
  );
  return shuffleByHash(usable, (row) => row.text, seed)
    .slice(0, count)
    .map(({ text, label }, index) => ({
      id: `${set.name}-${index}`,
      slice: set.name,
      task: 'classify',
      metric: 'label',
      system: set.system,
      prompt: text,
      schema: { enum: [...set.labels] },
      gold: label,
      maxTokens: 24,
      group: `${set.name}-${index}`,
    }));
}
