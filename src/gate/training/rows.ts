import type { LabelledText } from '../../base/ngram-classifier.ts';
import { seededRandom } from '../../base/random.ts';
import { OTHER, TASKS } from '../task.ts';
import { CALCULATION } from './calculation.ts';
import { CHOICES } from './choices.ts';
import { FREE_WORK } from './free-work.ts';
import { GIVEN_TEXT } from './given-text.ts';
import { expand, type Grammar, pick } from './grammar.ts';
import { KNOWLEDGE } from './knowledge.ts';
import { MATERIAL_JOBS } from './material-jobs.ts';
import { OTHER_TEXT } from './other.ts';
import { PASSAGES } from './passages.ts';
import { PLAIN_TEXT } from './plain-text.ts';
import { PROGRAMMING } from './programming.ts';
import { SHORT_JOBS } from './short-jobs.ts';
import { SYSTEM_ORDERS } from './system-orders.ts';
import { VOCABULARY } from './vocabulary.ts';

const GRAMMARS: readonly Grammar[] = [
  VOCABULARY,
  PLAIN_TEXT,
  PASSAGES,
  SHORT_JOBS,
  CALCULATION,
  PROGRAMMING,
  KNOWLEDGE,
  CHOICES,
  MATERIAL_JOBS,
  GIVEN_TEXT,
  FREE_WORK,
  OTHER_TEXT,
  SYSTEM_ORDERS,
];

/** Templates and words of all tasks in one grammar. Throws RangeError when two lists share a name. */
export function joinGrammars(grammars: readonly Grammar[]): Grammar {
  const joined: Record<string, readonly string[]> = {};
  for (const grammar of grammars) {
    for (const [name, list] of Object.entries(grammar)) {
      if (joined[name] !== undefined) throw new RangeError(`two grammars have a list "${name}"`);
      joined[name] = list;
    }
  }
  return joined;
}

/** Ends the system prompt of a row that has one. */
export const SYSTEM_END = '¦';

/** Share of the rows with an opening, an ending, small letters, a slip of the finger, a system prompt. */
const SHARES = { opening: 0.08, ending: 0.08, small: 0.15, slip: 0.08, system: 0.08, order: 0.08 };
const OPENINGS = [
  'Hi, ',
  'Hello! ',
  'Please: ',
  'Quick one: ',
  'Hey, ',
  'Question: ',
  'Task: ',
  'ok so ',
];
const ENDINGS = [
  ' Thanks!',
  ' Thank you.',
  ' Keep it short.',
  ' please',
  ' Be brief.',
  ' It is urgent.',
];

/**
 * Labelled requests, `perTask` for each task, written from templates: the same seed gives the same
 * rows. No row is taken from a data set.
 */
export function makeTrainingRows(seed: number, perTask: number): LabelledText[] {
  const random = seededRandom(seed);
  const grammar = joinGrammars(GRAMMARS);
  const rows: LabelledText[] = [];
  for (const task of [...TASKS, OTHER]) {
    const seen = new Set<string>();
    // Greetings are few: tries are bounded, so that a short list cannot hold the loop.
    for (let attempt = 0; attempt < perTask * 3 && seen.size < perTask; attempt += 1) {
      const text = vary(expand(phraseOf(task, grammar, random), grammar, random), grammar, random);
      if (!seen.has(text)) rows.push({ text, label: task });
      seen.add(text);
    }
  }
  return rows;
}

/** A request, or now and then a system prompt with the order and a message without one. */
function phraseOf(task: string, grammar: Grammar, random: () => number): string {
  const orders = grammar[`${task} in system`];
  if (orders === undefined || random() >= SHARES.order) return `‹${task}›`;
  return `‹systemLead›${pick(orders, random)}`;
}

/** What people do to a sentence: greet, thank, write small, slip. */
function vary(plain: string, grammar: Grammar, random: () => number): string {
  let text = plain;
  if (random() < SHARES.opening && text.length > 25) text = pick(OPENINGS, random) + text;
  if (random() < SHARES.ending && text.length > 25) text += pick(ENDINGS, random);
  if (random() < SHARES.small) text = text.toLowerCase();
  if (random() < SHARES.slip) text = slip(text, random);
  if (random() < SHARES.system && !text.includes(SYSTEM_END))
    text = expand('‹systemPrompt›', grammar, random) + SYSTEM_END + text;
  return text;
}

/** Swaps two neighbouring letters. */
function slip(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length - 1));
  const [left = '', right = ''] = [text[at], text[at + 1]];
  if (!/[a-z]/.test(left) || !/[a-z]/.test(right)) return text;
  return text.slice(0, at) + right + left + text.slice(at + 2);
}
