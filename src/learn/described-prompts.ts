import { seededRandom } from '../base/random.ts';

/** What is to be told apart, in the words of a person. */
export interface Description {
  readonly text: string;
  readonly labels: readonly string[];
}

/** Lines that one answer is asked for: more repeat each other. */
export const LINES_ASKED = 8;
/** Texts that it is shown as known already. */
const KNOWN_SHOWN = 6;

const LENGTHS = [
  'a few words, as typed into a search box',
  'one short sentence',
  'one plain question',
  'one sentence that gives a detail',
  'two sentences, the first of which says what happened before',
] as const;
const TONES = [
  'polite',
  'in a hurry',
  'annoyed',
  'unsure how to say it',
  'everyday, with a slip of spelling',
  'matter-of-fact',
] as const;
const SITUATIONS = [
  'by somebody who does this for the first time',
  'by somebody who has tried something already',
  'by somebody who asks on behalf of another person',
  'about something that happened today',
  'about something that is planned',
  'that never uses the words of the label',
] as const;

/** The nth request for texts of a label: another length, tone and situation each time. */
export function writingPrompt(
  { text, labels }: Description,
  label: string,
  asked: { readonly turn: number; readonly known: readonly string[]; readonly seed: number },
): string {
  const { turn, known, seed } = asked;
  const random = seededRandom(seed * 7919 + turn * 104_729 + labels.indexOf(label));
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const others = labels.filter((one) => one !== label);
  const neighbour = turn % 3 === 2 ? pick(others) : undefined;
  return [
    `A program sorts texts: ${text}`,
    `Its labels: ${labels.map(wordsOf).join('; ')}.`,
    '',
    `Write ${LINES_ASKED} different texts that belong to “${wordsOf(label)}” and to no other label, one per line, without numbers and without the label itself.`,
    `Each is ${pick(LENGTHS)}, ${pick(TONES)}, ${pick(SITUATIONS)}.`,
    ...(neighbour === undefined
      ? []
      : [
          `They sound at first as if they were about “${wordsOf(neighbour)}”, and are clearly about “${wordsOf(label)}”.`,
        ]),
    ...(known.length === 0
      ? []
      : ['These are known; write others:', ...known.slice(-KNOWN_SHOWN).map((one) => `- ${one}`)]),
  ].join('\n');
}

/** Asks for the label of a text, without a word of what it was written for. */
export function labellingPrompt({ text, labels }: Description, row: string): string {
  return [
    `A program sorts texts: ${text}`,
    'Which label fits the text best?',
    ...labels.map((label, at) => `${at + 1}. ${wordsOf(label)}`),
    `${labels.length + 1}. none of these`,
    'Answer with the number alone.',
    '',
    `Text: ${row}`,
  ].join('\n');
}

/** What the answer to `labellingPrompt` says; undefined = none of the labels, or no number. */
export function labelAnswered(labels: readonly string[], answer: string): string | undefined {
  const number = /\d+/.exec(answer)?.[0];
  return number === undefined ? undefined : labels[Number(number) - 1];
}

/** `card_arrival` as people say it. */
export function wordsOf(label: string): string {
  return label.replace(/[_-]+/g, ' ').trim();
}
