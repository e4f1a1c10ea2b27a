import { seededRandom } from '../base/random.ts';
import { type ChatMessage, type JsonObject, textPart } from '../core/chat.ts';

/** What is to be told apart, in the words of a person. */
export interface Description {
  readonly text: string;
  readonly labels: readonly string[];
}

/** Lines that one answer is asked for: more repeat each other. */
export const LINES_ASKED = 8;
/** Texts that it is shown as known already. */
const KNOWN_SHOWN = 6;
const NONE = 'none of these';

const LENGTHS = [
  'a few words',
  'one short question',
  'one short sentence',
  'one sentence with a detail',
  'one longer question',
  'two sentences: what happened, and what is wanted',
] as const;
const TONES = ['polite', 'in a hurry', 'annoyed', 'unsure', 'everyday words', 'plain'] as const;
const SITUATIONS = [
  'for the first time',
  'after trying it already',
  'for somebody else',
  'about today',
  'about a plan',
  'without the words of the topic itself',
] as const;

const SYSTEM =
  'You write down texts as the people in question would type them themselves. Answer with the texts alone, one per line.';

/** They show the form better than words do: the people speak, one line each, nothing around it. */
const SHOWN: readonly (readonly [string, string])[] = [
  [
    wishOf(
      'questions that visitors ask the front desk of a museum',
      'opening hours',
      'one short question, polite, about today',
    ),
    'Could you tell me when you close today?\nAre you still open this evening, please?\nIs it too late to come in now?\nMay I ask how long the galleries stay open?\nDo you shut at five today?\nHow much time do I have left for a visit?\nWould it be possible to come at half past six?\nPlease, until when can we get in?',
  ],
  [
    wishOf(
      'questions that visitors ask the front desk of a museum',
      'lost property',
      'two sentences: what happened, and what is wanted, in a hurry, after trying it already',
    ),
    'I left my umbrella in the cloakroom and nobody there has it. Can you look again?\nMy scarf fell off somewhere on the second floor. I searched twice, was it handed in?\nWe forgot a blue rucksack on a bench. I called and got no answer, please check.\nOur son dropped his bear near the dinosaurs. Has anybody brought it to you by now?\nMy glasses are gone since the tour. The guide has not seen them, who else could?\nI think my phone is in the café. They sent me to you, do you have it?\nOne of my earrings is missing. I looked in the toilets, where do finds go?\nI came back for my hat and the hall was empty. Tell me where it could be.',
  ],
];

/** Asks for texts of a label: of another length, tone and situation each turn. */
export function writingMessages(
  { text, labels }: Description,
  label: string,
  asked: { readonly turn: number; readonly known: readonly string[]; readonly seed: number },
): ChatMessage[] {
  const { turn, known, seed } = asked;
  const random = seededRandom(seed * 7919 + turn * 104_729 + labels.indexOf(label));
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const style = `${pick(LENGTHS)}, ${pick(TONES)}, ${pick(SITUATIONS)}`;
  const neighbour = turn % 3 === 2 ? pick(labels.filter((one) => one !== label)) : undefined;
  const wish = [
    wishOf(text, wordsOf(label), style),
    ...(neighbour === undefined
      ? []
      : [
          `Use words that also fit “${wordsOf(neighbour)}”, but mean “${wordsOf(label)}” without doubt.`,
        ]),
    ...(known.length === 0 ? [] : ['Unlike these:', ...known.slice(-KNOWN_SHOWN)]),
  ].join('\n');
  return [
    { role: 'system', content: textPart(SYSTEM) },
    ...SHOWN.flatMap(([user, assistant]): ChatMessage[] => [
      { role: 'user', content: textPart(user) },
      { role: 'assistant', content: textPart(assistant) },
    ]),
    { role: 'user', content: textPart(wish) },
  ];
}

/** Other topics are not named: a small model writes about each that it reads. */
function wishOf(text: string, label: string, style: string): string {
  return [
    `Texts: ${text}`,
    `Topic: ${label}`,
    `Each: ${style}`,
    `Write ${LINES_ASKED} of them that differ.`,
  ].join('\n');
}

/** Asks for the label of a text, without a word of what it was written for. */
export function labellingMessages({ text, labels }: Description, row: string): ChatMessage[] {
  const words = `Sort the text of the user by its topic. Texts: ${text}. Topics: ${labels.map(wordsOf).join(', ')}, ${NONE}.`;
  return [
    { role: 'system', content: textPart(words) },
    { role: 'user', content: textPart(row) },
  ];
}

/** What an answer to `labellingMessages` is bound to. */
export function labelSchema(labels: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: { topic: { type: 'string', enum: [...labels.map(wordsOf), NONE] } },
    required: ['topic'],
    additionalProperties: false,
  };
}

/** The label that an answer names; undefined = none of them, or no answer of that form. */
export function labelAnswered(labels: readonly string[], answer: string): string | undefined {
  try {
    const { topic } = JSON.parse(answer) as { readonly topic?: unknown };
    return labels.find((label) => wordsOf(label) === topic);
  } catch {
    return undefined;
  }
}

/** `card_arrival` as people say it. */
export function wordsOf(label: string): string {
  return label.replace(/[_-]+/g, ' ').trim();
}
