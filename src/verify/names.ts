import { allAre } from '../base/counted.ts';
import { words } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';

/** Capitalised words that name nothing that a source would have to have. */
const COMMON = new Set(
  (
    'i the a an in on at it its this that these those he she they we you his her their our your my ' +
    'if when while where who what which why how there here yes no not and or but so then also first ' +
    'second finally next however therefore please note according based answer question sentence ' +
    'document documents source sources january february march april may june july august september ' +
    'october november december monday tuesday wednesday thursday friday saturday sunday am pm ' +
    'mr mrs ms dr ok'
  ).split(' '),
);
/** Words of a name: a capital, or letters with digits in them (identifiers). */
const TOKEN = /[\p{L}\p{N}_][\p{L}\p{N}_'’.&/-]*[\p{L}\p{N}_]|\p{L}/gu;

interface Name {
  readonly text: string;
  /** Lower-case, without possessive. */
  readonly key: string;
}

/**
 * Does a source have every name of the answer? Names are capitalised words (at the start of a
 * sentence only with a second sign: more capitals, a digit), acronyms and identifiers. Compared
 * without case; an acronym also matches the initials of words in a row.
 */
export function checkNames(answer: string, sources: readonly string[]): CheckResult {
  const names = namesOf(answer);
  if (names.length === 0) return passed('names', 0.5, 'the answer states no name');
  const known = new KnownNames(sources);
  const missing = names.filter((name) => !known.has(name));
  const first = missing[0];
  if (first === undefined)
    return passed('names', 1, `${allAre(names.length, 'name')} in the sources`);
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return failed('names', 0.1, `no source names ${quoted(first.text)}${more}`);
}

/** Share of an answer's names that no source has, 0 … 1. */
export function missingNameShare(answer: string, sources: readonly string[]): number {
  const names = namesOf(answer);
  if (names.length === 0) return 0;
  const known = new KnownNames(sources);
  return names.filter((name) => !known.has(name)).length / names.length;
}

export function namesOf(text: string): readonly Name[] {
  const names: Name[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0];
    const before = text.slice(Math.max(0, match.index - 3), match.index);
    const startsSentence = match.index === 0 || /(?:[.!?:“"(*\n]|[-•]) {0,2}$/.test(before);
    if (isName(word, startsSentence)) names.push({ text: word, key: keyOf(word) });
  }
  return names.filter((name) => !COMMON.has(name.key));
}

function isName(word: string, startsSentence: boolean): boolean {
  const hasLetter = /\p{L}/u.test(word);
  const hasDigit = /\p{N}/u.test(word);
  if (hasLetter && hasDigit) return !/^\d[\d.,:]*-?\p{Ll}+$/u.test(word) && !isUnitToken(word);
  if (!/^\p{Lu}/u.test(word)) return /\p{Ll}\p{Lu}/u.test(word);
  return !startsSentence || /\p{Lu}.*\p{Lu}/u.test(word);
}

/** `50mg`, `2GB`, `5K`: a quantity, which the numbers check reads. */
function isUnitToken(word: string): boolean {
  return /^[\d.,]+\s?-?\p{L}{1,3}$/u.test(word);
}

function keyOf(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]s$/, '')
    .replace(/[.]$/, '');
}

class KnownNames {
  readonly #text: string;
  readonly #words: ReadonlySet<string>;
  readonly #initials: string;

  constructor(sources: readonly string[]) {
    this.#text = sources.join('\n').normalize('NFKC').toLowerCase();
    const all = words(this.#text);
    this.#words = new Set(all.map((word) => word.replace(/'s$/, '')));
    this.#initials = all.map((word) => word[0] ?? '').join('');
  }

  has(name: Name): boolean {
    const { key } = name;
    const parts = words(key);
    if (parts.length > 0 && parts.every((part) => this.#hasWord(part))) return true;
    if (/[\p{N}_./-]/u.test(key)) return this.#text.includes(key);
    const isAcronym = /^[\p{Lu}.]{2,6}$/u.test(name.text);
    return isAcronym && this.#initials.includes(key.replaceAll('.', ''));
  }

  /** Singular and plural of a name are one name. */
  #hasWord(word: string): boolean {
    return (
      this.#words.has(word) ||
      this.#words.has(`${word}s`) ||
      (word.endsWith('s') && this.#words.has(word.slice(0, -1)))
    );
  }
}
