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
 * Does a source have the names of the answer? Technical names (`siRNA`, `IL-6`) that no source comes
 * near do not count: a source may write them out, so they are for a scorer to weigh. Where it has one of the same family (`HV-SK-17` for
 * `HV-SK-18`) the answer has taken the wrong one.
 */
export function checkPlainNames(answer: string, known: KnownNames): CheckResult {
  const missing = namesOf(answer).filter((name) => !known.has(name) && !isShortened(name, answer));
  const first = missing.find((name) => !isTechnical(name.text) || known.hasFamily(name));
  if (first === undefined) return passed('names', 0.5, 'no name is plainly wrong');
  return failed('names', 0.1, `no source names ${quoted(first.text)}`);
}

/**
 * Share of an answer's names that no source has, 0 … 1. Compared without case; an acronym also matches
 * the initials of words in a row.
 */
export function missingNameShare(answer: string, sources: readonly string[] | KnownNames): number {
  const names = namesOf(answer);
  if (names.length === 0) return 0;
  const known = sources instanceof KnownNames ? sources : new KnownNames(sources);
  return names.filter((name) => !known.has(name)).length / names.length;
}

/**
 * Capitalised words (at the start of a sentence only with a second sign: more capitals, a digit),
 * acronyms and identifiers.
 */
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

/** Digits or Greek among letters, or small and capital letters mixed beyond the first: nothing a person is called. */
function isTechnical(word: string): boolean {
  return /\p{L}/u.test(word) && /\p{N}|\p{Script=Greek}|\p{Ll}.*\p{Lu}/u.test(word);
}

/** `eye disease (ED)`: the answer itself says what the letters stand for, the words are what counts. */
function isShortened(name: Name, answer: string): boolean {
  const [before, after] = answer.split(`(${name.text})`);
  const letters = acronymOf(name.text);
  if (before === undefined || after === undefined || letters === undefined) return false;
  return initialsOf(words(before)).endsWith(letters);
}

/** The letters of `WHO`, `W.H.O.` and `NGOs` in lower case. */
function acronymOf(text: string): string | undefined {
  return /^([\p{Lu}.]{2,6})s?$/u.exec(text)?.[1]?.replaceAll('.', '').toLowerCase();
}

function initialsOf(all: readonly string[]): string {
  return all.map((word) => word[0] ?? '').join('');
}

/** The letters that an identifier begins with, two at least: `HV-SK-17` → hv, `IL-6` → il. */
function familyOf(key: string): string | undefined {
  return /^\p{L}{2,}(?=[\p{N}-])/u.exec(key)?.[0];
}

function keyOf(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]s$/, '')
    .replace(/[.]$/, '');
}

/** `HIV-positive` names HIV: small words behind a hyphen are no part of a name. */
function nameParts(text: string): string {
  const parts = text.split('-');
  const names = parts.filter((part) => !/^\p{Ll}{4,}$/u.test(part));
  return (names.length === 0 ? parts : names).join(' ').replace(/['’]s$/, '');
}

/** The words of sources, read once and asked for many names. */
export class KnownNames {
  readonly #text: string;
  readonly #words: ReadonlySet<string>;
  readonly #initials: string;
  #read: Record<'families' | 'closed', ReadonlySet<string>> | undefined;

  constructor(sources: readonly string[]) {
    this.#text = sources.join('\n').normalize('NFKC').toLowerCase();
    const all = words(this.#text);
    this.#words = new Set(all.map((word) => word.replace(/'s$/, '')));
    this.#initials = initialsOf(all);
  }

  has(name: Name): boolean {
    const { key } = name;
    const parts = words(nameParts(name.text).toLowerCase());
    if (parts.length > 0 && parts.every((part) => this.#hasWord(part))) return true;
    if (/[\p{N}_./-]/u.test(key))
      return this.#text.includes(key) || this.#identifiers.closed.has(key.replaceAll('-', ''));
    const letters = acronymOf(name.text);
    if (letters === undefined) return false;
    // `BRCA` are BRCA1 and BRCA2.
    return this.#initials.includes(letters) || this.#identifiers.families.has(letters);
  }

  /** Is another identifier with the same first letters in the sources? */
  hasFamily({ key }: Name): boolean {
    const family = familyOf(key);
    return family !== undefined && this.#identifiers.families.has(family);
  }

  /** Words with digits: what they begin with, and how they are written without hyphens. */
  get #identifiers() {
    if (this.#read === undefined) {
      const found = [...this.#text.matchAll(TOKEN)].map(([one]) => one);
      const own = found.filter((one) => /\p{N}/u.test(one));
      this.#read = {
        families: new Set(own.flatMap((one) => familyOf(one) ?? [])),
        closed: new Set(own.map((one) => one.replaceAll('-', ''))),
      };
    }
    return this.#read;
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
