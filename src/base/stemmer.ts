/**
 * Porter2, the English stemmer of Snowball (M. F. Porter, "The English (Porter2) stemming
 * algorithm", snowballstem.org). Input is one lower-case word; words with characters outside a–z
 * and the apostrophe come back as they are, so that other languages are not damaged.
 */
export function stem(word: string): string {
  if (word.length <= 2 || !/^[a-z']+$/.test(word)) return word;
  const special = SPECIAL.get(word);
  if (special !== undefined) return special;
  let text = word.startsWith("'") ? word.slice(1) : word;
  text = text.replace(/^y/, 'Y').replace(/([aeiouy])y/g, '$1Y');
  const first = regionOne(text);
  const second = regionAfter(text, first);
  text = removePossessive(text);
  text = removePlural(text);
  if (KEPT_AFTER_PLURAL.has(text)) return text;
  text = removePast(text, first);
  text = text.length > 2 ? text.replace(/([^aeiouyY])[yY]$/, '$1i') : text;
  text = mapSuffix(text, first, LONG_SUFFIXES);
  text = mapSuffix(text, first, MIDDLE_SUFFIXES, second);
  text = removeSuffix(text, second);
  text = removeEnd(text, first, second);
  return text.replaceAll('Y', 'y');
}

const SPECIAL = new Map(
  Object.entries({
    skis: 'ski',
    skies: 'sky',
    dying: 'die',
    lying: 'lie',
    tying: 'tie',
    idly: 'idl',
    gently: 'gentl',
    ugly: 'ugli',
    early: 'earli',
    only: 'onli',
    singly: 'singl',
    sky: 'sky',
    news: 'news',
    howe: 'howe',
    atlas: 'atlas',
    cosmos: 'cosmos',
    bias: 'bias',
    andes: 'andes',
  }),
);
const KEPT_AFTER_PLURAL = new Set(
  'inning outing canning herring earring proceed exceed succeed'.split(' '),
);

const LONG_SUFFIXES: readonly (readonly [string, string])[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['tional', 'tion'],
  ['lessli', 'less'],
  ['biliti', 'ble'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['fulli', 'ful'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
];
const MIDDLE_SUFFIXES: readonly (readonly [string, string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ative', ''],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];
const REMOVED_SUFFIXES =
  'ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic'.split(' ');

/** Where R1 begins: after the first non-vowel that follows a vowel. */
function regionOne(text: string): number {
  const prefix = /^(gener|commun|arsen)/.exec(text)?.[0];
  return prefix === undefined ? regionAfter(text, 0) : prefix.length;
}

function regionAfter(text: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(text.slice(from));
  return match === null ? text.length : from + match.index + 2;
}

function removePossessive(text: string): string {
  return text.replace(/('s'|'s|')$/, '');
}

function removePlural(text: string): string {
  if (text.endsWith('sses')) return text.slice(0, -2);
  if (/(ied|ies)$/.test(text)) return text.slice(0, text.length > 4 ? -2 : -1);
  if (/(us|ss)$/.test(text) || !text.endsWith('s')) return text;
  return /[aeiouy].+s$/.test(text) ? text.slice(0, -1) : text;
}

function isShort(text: string, first: number): boolean {
  return (
    first >= text.length &&
    (/[^aeiouy][aeiouy][^aeiouywxY]$/.test(text) || /^[aeiouy][^aeiouy]$/.test(text))
  );
}

function removePast(text: string, first: number): string {
  const eed = /(eedly|eed)$/.exec(text);
  if (eed !== null) return eed.index >= first ? `${text.slice(0, eed.index)}ee` : text;
  const past = /(ingly|edly|ing|ed)$/.exec(text);
  if (past === null) return text;
  const rest = text.slice(0, past.index);
  if (!/[aeiouy]/.test(rest)) return text;
  if (/(at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/(bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return rest.slice(0, -1);
  return isShort(rest, first) ? `${rest}e` : rest;
}

function mapSuffix(
  text: string,
  first: number,
  suffixes: readonly (readonly [string, string])[],
  second?: number,
): string {
  for (const [suffix, replacement] of suffixes) {
    if (!text.endsWith(suffix)) continue;
    const at = text.length - suffix.length;
    if (at < first) return text;
    if (suffix === 'ogi' && text[at - 1] !== 'l') return text;
    if (suffix === 'li' && !/[cdeghkmnrt]/.test(text[at - 1] ?? '')) return text;
    if (suffix === 'ative' && second !== undefined && at < second) return text;
    return text.slice(0, at) + replacement;
  }
  return text;
}

function removeSuffix(text: string, second: number): string {
  for (const suffix of REMOVED_SUFFIXES) {
    if (!text.endsWith(suffix)) continue;
    const at = text.length - suffix.length;
    if (at < second || (suffix === 'ion' && !/[st]/.test(text[at - 1] ?? ''))) return text;
    return text.slice(0, at);
  }
  return text;
}

function removeEnd(text: string, first: number, second: number): string {
  const last = text.length - 1;
  if (text.endsWith('e')) {
    const rest = text.slice(0, last);
    if (last >= second) return rest;
    return last >= first &&
      !/[^aeiouy][aeiouy][^aeiouywxY]$/.test(rest) &&
      !/^[aeiouy][^aeiouy]$/.test(rest)
      ? rest
      : text;
  }
  return text.endsWith('ll') && last >= second ? text.slice(0, last) : text;
}
