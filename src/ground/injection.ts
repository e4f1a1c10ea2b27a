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
  /** One set of words per step; at most `GAP` other words may stand between two steps. */
  readonly steps: readonly ReadonlySet<string>[];
}

const GAP = 4;
const step = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const PATTERNS: readonly Pattern[] = [
  {
    flag: 'overrides-instructions',
    steps: [
      step('ignore disregard forget override bypass'),
      step('previous prior above earlier preceding all any your these the system initial original'),
      step('instructions instruction prompt prompts rules directions guidelines commands context'),
    ],
  },
  {
    flag: 'overrides-instructions',
    steps: [
      step('new updated real'),
      step('instructions instruction'),
      step('follow obey for are you assistant'),
    ],
  },
  { flag: 'assigns-role', steps: [step('you'), step('are'), step('now'), step('a an in the no')] },
  {
    flag: 'assigns-role',
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
    steps: [
      step('reveal print repeat output show send leak disclose'),
      step('system hidden secret initial'),
      step('prompt instructions password key keys'),
    ],
  },
];
const MARKUP =
  /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>/i;

/** Flags of one sentence, without repetition, in alphabetical order. */
export function injectionFlags(sentence: string): InjectionFlag[] {
  const found = new Set<InjectionFlag>();
  if (MARKUP.test(sentence)) found.add('chat-markup');
  const tokens = words(sentence);
  for (const pattern of PATTERNS) if (matches(tokens, pattern.steps)) found.add(pattern.flag);
  return [...found].sort();
}

function matches(tokens: readonly string[], steps: readonly ReadonlySet<string>[]): boolean {
  const [first] = steps;
  for (let start = 0; start < tokens.length; start += 1) {
    if (!first?.has(tokens[start] ?? '')) continue;
    let at = start;
    let done = 1;
    while (done < steps.length) {
      const next = findWithin(tokens, at + 1, steps[done]);
      if (next < 0) break;
      at = next;
      done += 1;
    }
    if (done === steps.length) return true;
  }
  return false;
}

function findWithin(
  tokens: readonly string[],
  from: number,
  wanted: ReadonlySet<string> | undefined,
): number {
  for (let at = from; at < Math.min(tokens.length, from + GAP + 1); at += 1)
    if (wanted?.has(tokens[at] ?? '')) return at;
  return -1;
}
