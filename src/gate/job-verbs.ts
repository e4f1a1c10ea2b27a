/** Verbs that open an order, by kind of job; two kinds in one request are two jobs. */
const KINDS: readonly (readonly string[])[] = [
  ['summarise', 'summarize', 'recap', 'condense'],
  ['write', 'draft', 'compose', 'invent'],
  ['translate'],
  ['calculate', 'compute', 'convert', 'estimate'],
  ['extract', 'parse'],
  ['list', 'name', 'enumerate'],
  ['classify', 'categorise', 'categorize', 'label', 'tag', 'route'],
  ['explain', 'describe', 'define'],
  ['compare', 'contrast'],
  ['implement', 'program', 'refactor', 'debug'],
  ['rewrite', 'rephrase', 'reword', 'shorten', 'polish', 'proofread', 'correct'],
  ['plan', 'schedule', 'organise', 'organize'],
  ['suggest', 'recommend', 'brainstorm', 'propose'],
  ['check', 'verify', 'review'],
  ['find', 'research', 'search'],
  ['make', 'create', 'build', 'generate', 'prepare'],
  ['reply', 'respond'],
];

/** Verb → one bit per kind of job. */
export const JOB_BITS: ReadonlyMap<string, number> = new Map(
  KINDS.flatMap((verbs, kind) => verbs.map((verb) => [verb, 1 << kind] as const)),
);

/** Words that may stand between the start of a clause and its verb. */
export const OPENERS: ReadonlySet<string> = new Set(
  (
    'and then also please first firstly second secondly third next finally last lastly after ' +
    'that afterwards can could would will you i need want to me us kindly hey hi hello now step ' +
    'help just a b c d task'
  ).split(' '),
);

const QUESTION_WORDS: ReadonlySet<string> = new Set(
  (
    'what who whom whose which when where why how is are was were do does did can could may must ' +
    'should will would has have had'
  ).split(' '),
);

export function isQuestionWord(word: string): boolean {
  return QUESTION_WORDS.has(word);
}

/** Number of kinds in a set of job bits. */
export function countKinds(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
