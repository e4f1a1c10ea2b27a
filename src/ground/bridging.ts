import { questionTerms } from '../base/question-terms.ts';
import { indexTerms } from '../base/tokens.ts';

/** Words of a sentence that can stand for what it brings where it has no name: it must be short. */
const MOST_WORDS = 30;
const MOST_NAMES = 2;
/** A name is a run of capitalised words, or a word of letters and digits. */
const NAME =
  /(?:\p{Lu}[\p{L}\p{N}'’&-]*|[\p{L}-]*\p{N}[\p{L}\p{N}-]*)(?:\s+(?:\p{Lu}[\p{L}\p{N}'’&-]*|\p{N}+))*/gu;

/** Share of the terms that the text has, 0 … 1; 0 where there are none. */
export function termShare(terms: readonly string[], text: string): number {
  if (terms.length === 0) return 0;
  const known = new Set(indexTerms(text));
  return terms.filter((term) => known.has(term)).length / terms.length;
}

/** Terms of the question that the text does not have. */
export function missingTerms(question: string, text: string): readonly string[] {
  const known = new Set(indexTerms(text));
  return questionTerms(question).filter((term) => !known.has(term));
}

/**
 * What a sentence brings that the question does not name, most telling first: names and codes, or in `deep` all
 * its new words where it has none. Each can lead to another document.
 */
export function newNames(
  sentence: string,
  question: string,
  mode: 'auto' | 'deep',
): readonly string[] {
  const asked = new Set(indexTerms(question));
  const isNew = (name: string) => {
    const terms = questionTerms(name);
    return terms.length > 0 && terms.some((term) => !asked.has(term));
  };
  const names = [...sentence.matchAll(NAME)]
    // The first word of a sentence is capitalised anyway; alone it is no name.
    .filter((match) => match.index > 0 || /\s|\p{N}|\p{Lu}.*\p{Lu}/u.test(match[0]))
    .map((match) => match[0])
    .filter((name) => /\p{L}.*\p{L}/u.test(name) && isNew(name));
  const unique = [...new Set(names)];
  if (unique.length > 0 || mode === 'auto') return unique.slice(0, MOST_NAMES);
  const words = sentence.split(/\s+/u);
  if (words.length > MOST_WORDS) return [];
  const fresh = words
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter(isNew);
  return fresh.length === 0 ? [] : [fresh.join(' ')];
}
