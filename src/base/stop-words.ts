import { COMMON_WORDS, type Language } from './language.ts';

/**
 * English words that carry no topic. Short on purpose: `not`, `no`, `can`, `will` decide answers
 * to questions about rules and stay in the index.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an and are as at be been being but by did do does doing for from had has have having he her hers
  him his how i i'm if in into is it it's its itself me my of on or our ours she so such than that
  that's the their theirs them then there these they this those through to too us very was we were
  what what's when where which while who whom whose why with would you your yours
  am about`.split(/\s+/),
);

/** They decide answers in every language. */
const KEPT = new Set(
  'nicht kein keine pas ne sans no sin non senza nao sem niet geen kann kan moet muss peut doit puede debe puo deve pode'.split(
    ' ',
  ),
);
const listOf = (list: string) => new Set(list.split(/\s+/).filter((word) => !KEPT.has(word)));
const OTHERS = {
  de: listOf(COMMON_WORDS.de),
  fr: listOf(COMMON_WORDS.fr),
  es: listOf(COMMON_WORDS.es),
  it: listOf(COMMON_WORDS.it),
  pt: listOf(COMMON_WORDS.pt),
  nl: listOf(COMMON_WORDS.nl),
};

/** Whether a word, in lower case without diacritics, says nothing of a topic in that language. */
export function isStopWord(word: string, language: Language): boolean {
  return (language === 'en' ? STOP_WORDS : OTHERS[language]).has(word);
}
