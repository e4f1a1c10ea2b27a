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
/**
 * What asks for Unicode's rules: all but ASCII and signs that part words as a space does (dashes,
 * quotes, arrows, boxes, pictures). Most texts of Western languages have nothing of it.
 */
const NOT_PLAIN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII itself
  /[^\x00-\x7f\xa0\xa7\xa9\xab\xae\xb0\xb1\xb7\xbb\xd7\u2000-\u2056\u2190-\u21ff\u2500-\u27bf\u{1f300}-\u{1faff}]/u;
/** Identifier parts: `HTTPServer2Name` → HTTP Server2 Name. */
const PART = /\p{Lu}+(?!\p{Ll})[\p{N}]*|\p{Lu}?[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}]+|\p{L}+/gu;
const IDENTIFIER = /_|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u;
/** `il6`, `p53`, `b12a`, `10mg`: short letters and a number in one word, which others write apart. */
const LETTERS_AND_NUMBER = /^(?:[a-z]{1,5}\d+[a-z]?|\d+[a-z]{1,3})$/;
const LETTERS_OR_NUMBER = /[a-z]+|\d+/g;
/** The words of texts repeat: what was worked out of one is kept for so many. */
const WORDS_KEPT = 50_000;
const knownWords = new Map<string, KnownWord>();
/** First words of a text that tell its language. */
const LANGUAGE_WORDS = 200;

/** A longer one hardly comes again. */
const LONGEST_KEPT = 40;

interface KnownWord {
  readonly raw: string;
  /** In lower case. */
  readonly whole: string;
  readonly terms: Partial<Record<Language, readonly string[]>>;
}

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
  return termsOf(foldedWords(text).map(knownWord), language);
}

/** The same in the language that the text itself seems to be of. */
export function termsOfText(text: string): {
  readonly language: Language;
  readonly terms: string[];
} {
  const read = foldedWords(text).map(knownWord);
  const language = languageOf(read.slice(0, LANGUAGE_WORDS).map((word) => word.whole));
  return { language, terms: termsOf(read, language) };
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
  const raws = foldedWords(text);
  const own = languageOf(raws.slice(0, LANGUAGE_WORDS).map((raw) => raw.toLowerCase()));
  const terms: string[] = [];
  for (const raw of raws) {
    if (IS_UNSPACED.test(raw)) {
      terms.push(...bigrams(raw));
      continue;
    }
    for (const word of wordsIn(raw, own)) {
      const stems = new Set(languages.map((language) => stemIn(language, word)));
      const known = [...stems].filter(isKnown);
      terms.push(...(known.length > 0 ? known : [stemIn(first, word)]));
    }
  }
  return terms;
}

/** Whether a word of the text is a name out of a program: `getUserName`, `max_tokens`. */
export function hasIdentifier(text: string): boolean {
  return rawWords(text).some((word) => IDENTIFIER.test(word));
}

function rawWords(text: string): readonly string[] {
  const straight = text.replaceAll('’', "'");
  if (!NOT_PLAIN.test(straight)) return straight.match(ASCII_WORD) ?? [];
  return straight.normalize('NFKC').match(WORD) ?? [];
}

/** The same without the diacritics of Latin letters. */
function foldedWords(text: string): readonly string[] {
  const straight = text.replaceAll('’', "'");
  if (!NOT_PLAIN.test(straight)) return straight.match(ASCII_WORD) ?? [];
  const folded = straight.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return folded.normalize('NFKC').match(WORD) ?? [];
}

function bigrams(run: string): string[] {
  const characters = [...run];
  if (characters.length === 1) return [run];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
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

function knownWord(raw: string): KnownWord {
  const known = knownWords.get(raw);
  if (known !== undefined) return known;
  if (raw.length > LONGEST_KEPT) return { raw, whole: raw.toLowerCase(), terms: {} };
  if (knownWords.size >= WORDS_KEPT) knownWords.clear();
  // The runtime may show a word as a part of its text, which would then be kept with it.
  const own = structuredClone(raw);
  const made = { raw: own, whole: own.toLowerCase(), terms: {} };
  knownWords.set(own, made);
  return made;
}

function termsOf(read: readonly KnownWord[], language: Language): string[] {
  const terms: string[] = [];
  for (const { raw, terms: known } of read) {
    known[language] ??= termsOfWord(raw, language);
    for (const term of known[language]) terms.push(term);
  }
  return terms;
}

function termsOfWord(raw: string, language: Language): string[] {
  if (IS_UNSPACED.test(raw)) return bigrams(raw);
  return wordsIn(raw, language).map((word) => stemIn(language, word));
}
