import { stem } from '../base/stemmer.ts';

/** Who speaks and is spoken to, in a chat. */
const CHATTER = new Set(
  "i me my mine we our us you your i'm i've i'd i'll you're it's that's don't didn't".split(' '),
);
/** What people say of themselves and of what they like: nothing that a document bears out. */
const OPINION = new Set(
  (
    'love like think great good sure yeah yes cool interesting wow nice favorite fun enjoy heard know ' +
    'guess maybe probably really pretty best amazing awesome agree hope wish feel believe hello hi ' +
    'haha lol definitely right sorry'
  ).split(' '),
);

/** Share of a claim's words that are of a chat and not in the evidence (its stems). */
export function chatterShare(words: readonly string[], evidence: ReadonlySet<string>): number {
  return shareOf(words, CHATTER, evidence);
}

/** Share of a claim's words that tell an opinion and are not in the evidence (its stems). */
export function opinionShare(words: readonly string[], evidence: ReadonlySet<string>): number {
  return shareOf(words, OPINION, evidence);
}

function shareOf(
  words: readonly string[],
  kind: ReadonlySet<string>,
  evidence: ReadonlySet<string>,
): number {
  const found = words.filter((word) => kind.has(word) && !evidence.has(stem(word)));
  return found.length / Math.max(1, words.length);
}
