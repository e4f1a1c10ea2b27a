/** Words that make a question harder to get right, whatever it is about. */
export const CLAUSE_WORDS = { negation: 1, relation: 2, question: 3 } as const;

const LISTS: readonly (readonly [number, string])[] = [
  [
    CLAUSE_WORDS.negation,
    'not no never none neither nor without except least false incorrect cannot unless nicht kein keine pas jamais sans ningún nunca 不 没 非 无 未',
  ],
  [
    CLAUSE_WORDS.relation,
    'twice thrice half double triple times more less fewer than each every per percent remaining left third quarter if then total altogether 每 倍 半 共 剩 若 则',
  ],
  [
    CLAUSE_WORDS.question,
    'what which who whom whose where when why how is are was were do does did can could should would will 何 谁',
  ],
];

function hashWord(word: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < word.length; at += 1)
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash;
}

/** FNV-1a hash of a word in lower case → its kind. */
export const WORD_KINDS: ReadonlyMap<number, number> = new Map(
  LISTS.flatMap(([kind, words]) => words.split(' ').map((word) => [hashWord(word), kind] as const)),
);
