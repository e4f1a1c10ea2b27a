import { words } from '../base/tokens.ts';

/**
 * Finds sentences that speak to a model instead of a reader. A flag never removes text: the
 * document stays data, and whoever shows or uses it is told. Word patterns with small gaps; linear.
 */
export type InjectionFlag =
  | 'overrides-instructions'
  | 'assigns-role'
  | 'asks-for-secrets'
  | 'chat-markup';

interface Pattern {
  readonly flag: InjectionFlag;
  /** One set of words per step. */
  readonly steps: readonly ReadonlySet<string>[];
  /** Other words that may stand between two steps. */
  readonly gap: number;
  /** The step whose words are rarest in ordinary texts. */
  readonly rare: number;
}

const step = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const PATTERNS: readonly Pattern[] = [
  {
    flag: 'overrides-instructions',
    gap: 4,
    rare: 2,
    steps: [
      step('ignore disregard forget override bypass'),
      step('previous prior above earlier preceding all any your these the system initial original'),
      step('instructions instruction prompt prompts rules directions guidelines commands context'),
    ],
  },
  {
    flag: 'overrides-instructions',
    gap: 4,
    rare: 1,
    steps: [
      step('new updated real'),
      step('instructions instruction'),
      step('follow obey for are you assistant'),
    ],
  },
  {
    flag: 'assigns-role',
    gap: 0,
    rare: 2,
    steps: [step('you'), step('are'), step('now'), step('a an in the no')],
  },
  {
    flag: 'assigns-role',
    gap: 0,
    rare: 2,
    steps: [
      step('act pretend respond behave'),
      step('as'),
      step('if'),
      step('you'),
      step('are were have'),
    ],
  },
  {
    flag: 'asks-for-secrets',
    gap: 4,
    rare: 2,
    steps: [
      step('reveal print repeat output show send leak disclose'),
      step('system hidden secret initial'),
      step('prompt instructions password key keys'),
    ],
  },
];
/** Most sentences have none of these words and nothing but ASCII: they cannot match. */
const RARE = PATTERNS.flatMap(({ steps, rare }) => [...(steps[rare] ?? [])]).join('|');
const MAY_MATCH = new RegExp(`[^\\x00-\\x7f]|(?<![a-z0-9])(?:${RARE})(?![a-z0-9])`, 'i');
const MARKUP =
  /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>/i;

/** Flags of one sentence, without repetition, in alphabetical order. */
export function injectionFlags(sentence: string): InjectionFlag[] {
  const found = new Set<InjectionFlag>();
  if (MARKUP.test(sentence)) found.add('chat-markup');
  const tokens = MAY_MATCH.test(sentence) ? words(sentence) : [];
  for (const pattern of PATTERNS) if (matches(tokens, pattern)) found.add(pattern.flag);
  return [...found].sort();
}

function matches(tokens: readonly string[], { steps, gap }: Pattern): boolean {
  const [first] = steps;
  for (let start = 0; start < tokens.length; start += 1) {
    if (!first?.has(tokens[start] ?? '')) continue;
    let at = start;
    let done = 1;
    while (done < steps.length) {
      const next = findWithin(tokens.slice(at + 1, at + 2 + gap), steps[done]);
      if (next < 0) break;
      at += next + 1;
      done += 1;
    }
    if (done === steps.length) return true;
  }
  return false;
}

function findWithin(tokens: readonly string[], wanted: ReadonlySet<string> | undefined): number {
  return tokens.findIndex((token) => wanted?.has(token));
}
