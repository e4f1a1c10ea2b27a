import { type Language, languageOf } from './language.ts';
import { stemIn } from './light-stemmers.ts';
import { isStopWord } from './stop-words.ts';

/** Scripts that write words without spaces between them. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const WORD = new RegExp(
  `[${UNSPACED}]+|\\p{N}+(?:[.,]\\p{N}+)+(?![\\p{L}\\p{N}_])|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_])+(?:'(?:(?![${UNSPACED}])\\p{L})+)*`,
  'gu',
);
const ASCII_WORD = /\d+(?:[.,]\d+)+(?![A-Za-z0-9_])|[A-Za-z0-9_]+(?:'[A-Za-z]+)*/g;
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII itself
const IS_ASCII = /^[\x00-\x7f]*$/;
/** Identifier parts: `HTTPServer2Name` → HTTP Server2 Name. */
const PART = /\p{Lu}+(?!\p{Ll})[\p{N}]*|\p{Lu}?[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}]+|\p{L}+/gu;
const IDENTIFIER = /_|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u;
/** `il6`, `p53`, `b12a`, `10mg`: short letters and a number in one word, which others write apart. */
const LETTERS_AND_NUMBER = /^(?:[a-z]{1,5}\d+[a-z]?|\d+[a-z]{1,3})$/;
const LETTERS_OR_NUMBER = /[a-z]+|\d+/g;
const STEMS_KEPT = 50_000;
const stems = {
  en: new Map<string, string>(),
  de: new Map<string, string>(),
  fr: new Map<string, string>(),
  es: new Map<string, string>(),
  it: new Map<string, string>(),
  pt: new Map<string, string>(),
  nl: new Map<string, string>(),
};
/** Characters of a text that tell its language. */
const LANGUAGE_CHARACTERS = 1200;

/**
 * Lower-case words and numbers in reading order, NFKC. `3.14` and `don't` are one word each; a run
 * of Chinese, Japanese, Korean, Thai … is one word.
 */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const raw of rawWords(text)) {
    const word = raw.toLowerCase();
    if (!word.includes('_')) found.push(word);
    else for (const part of word.split('_')) if (part !== '') found.push(part);
  }
  return found;
}

/** Terms of an English text, or of one whose language does not matter; see `termsIn`. */
export function indexTerms(text: string): string[] {
  return termsIn('en', text);
}

/**
 * Terms for an index: words without stop words, stemmed as in the text's language, Latin diacritics
 * folded. An identifier gives itself and its parts (`getUserName` → getusernam get user name), as does
 * a short mix of letters and a number (`IL6` → il6 il 6, found by “IL-6” too: +.015 nDCG@10 on claims
 * of biology); a run of an unspaced script gives its bigrams.
 */
export function termsIn(language: Language, text: string): string[] {
  const terms: string[] = [];
  for (const raw of rawWords(fold(text))) {
    if (IS_UNSPACED.test(raw)) addBigrams(raw, terms);
    else for (const word of wordsIn(raw, language)) terms.push(cachedStem(word, language));
  }
  return terms;
}

/**
 * Terms to look for in texts of several languages: each word's stem in every one of them that
 * `isKnown`, its stem in the first where none is. The question's own language says which are its stop
 * words, and need not be a document's.
 */
export function queryTerms(
  text: string,
  languages: readonly [Language, ...Language[]],
  isKnown: (term: string) => boolean,
): string[] {
  const [first] = languages;
  if (languages.length === 1) return termsIn(first, text);
  const own = textLanguage(text);
  const terms: string[] = [];
  for (const raw of rawWords(fold(text))) {
    if (IS_UNSPACED.test(raw)) {
      addBigrams(raw, terms);
      continue;
    }
    for (const word of wordsIn(raw, own)) {
      const stems = new Set(languages.map((language) => cachedStem(word, language)));
      const known = [...stems].filter(isKnown);
      terms.push(...(known.length > 0 ? known : [cachedStem(word, first)]));
    }
  }
  return terms;
}

/** The language of a text by its beginning. */
export function textLanguage(text: string): Language {
  const beginning = fold(text.slice(0, LANGUAGE_CHARACTERS));
  return languageOf(rawWords(beginning).map((word) => word.toLowerCase()));
}

/** Whether a word of the text is a name out of a program: `getUserName`, `max_tokens`. */
export function hasIdentifier(text: string): boolean {
  return rawWords(text).some((word) => IDENTIFIER.test(word));
}

function rawWords(text: string): readonly string[] {
  if (IS_ASCII.test(text)) return text.match(ASCII_WORD) ?? [];
  return text.normalize('NFKC').replaceAll('’', "'").match(WORD) ?? [];
}

function fold(text: string): string {
  if (IS_ASCII.test(text)) return text;
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFKC');
}

function addBigrams(run: string, terms: string[]): void {
  const characters = [...run];
  if (characters.length === 1) terms.push(run);
  for (let index = 0; index + 1 < characters.length; index += 1)
    terms.push(`${characters[index]}${characters[index + 1]}`);
}

/** A word and its parts, in lower case, without the language's stop words. */
function wordsIn(raw: string, language: Language): string[] {
  const whole = raw.toLowerCase();
  if (isStopWord(whole, language)) return [];
  const mixed = LETTERS_AND_NUMBER.test(whole) ? (whole.match(LETTERS_OR_NUMBER) ?? []) : [];
  if (!IDENTIFIER.test(raw)) return [whole, ...mixed];
  const parts = (raw.match(PART) ?? []).map((part) => part.toLowerCase());
  const named = parts.filter((part) => part !== whole && !isStopWord(part, language));
  return [whole, ...mixed, ...named];
}

/** Stemming is three quarters of the cost of tokenising; the words of a language repeat. */
function cachedStem(word: string, language: Language): string {
  let known = stems[language].get(word);
  if (known === undefined) {
    if (stems[language].size >= STEMS_KEPT) stems[language].clear();
    known = stemIn(language, word);
    stems[language].set(word, known);
  }
  return known;
}
