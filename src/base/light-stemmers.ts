import type { Language } from './language.ts';
import { stem } from './stemmer.ts';

/** Endings with what takes their place; the first that fits is taken, where `least` letters are left. */
type Rules = readonly (readonly [ending: string, replacement: string, least: number])[];

const doubles = (letters: string): Rules =>
  [...letters].map((letter) => [`${letter}${letter}`, letter, 2]);

/**
 * Light stemmers after J. Savoy, "Light stemming approaches for the French, Portuguese, German and
 * Hungarian languages" (SAC 2006) and the lists of the same group for Spanish and Italian: plural,
 * gender and case are taken off, in steps, and derivations are left. Words come in lower case without
 * diacritics.
 */
const STEPS: Readonly<Record<Exclude<Language, 'en'>, readonly Rules[]>> = {
  de: [
    [
      ['ern', '', 3],
      ['em', '', 3],
      ['en', '', 3],
      ['er', '', 3],
      ['es', '', 3],
      ['e', '', 3],
      ['bs', 'b', 3],
      ['ds', 'd', 3],
      ['gs', 'g', 3],
      ['ks', 'k', 3],
      ['ls', 'l', 3],
      ['ms', 'm', 3],
      ['ns', 'n', 3],
      ['ts', 't', 3],
      ['rs', 'r', 3],
    ],
    [
      ['est', '', 4],
      ['er', '', 4],
      ['en', '', 4],
    ],
  ],
  fr: [
    [
      ['eaux', 'eau', 2],
      ['aux', 'al', 2],
      ['oux', 'ou', 2],
      ['eux', 'eu', 2],
      ['s', '', 3],
      ['x', '', 4],
    ],
    [
      ['ees', '', 3],
      ['ee', '', 3],
      ['er', '', 4],
      ['e', '', 3],
    ],
    doubles('lnstmpr'),
  ],
  es: [
    [
      ['ces', 'z', 2],
      ['eses', 'es', 2],
      ['iones', 'ion', 2],
      ['os', '', 3],
      ['as', '', 3],
      ['es', '', 3],
      ['o', '', 3],
      ['a', '', 3],
      ['e', '', 3],
    ],
  ],
  it: [
    [
      ['che', 'c', 2],
      ['ghe', 'g', 2],
      ['chi', 'c', 2],
      ['ghi', 'g', 2],
      ['ie', '', 3],
      ['ii', '', 3],
      ['ia', '', 3],
      ['io', '', 3],
      ['e', '', 3],
      ['i', '', 3],
      ['a', '', 3],
      ['o', '', 3],
    ],
  ],
  pt: [
    [
      ['oes', 'ao', 2],
      ['aes', 'ao', 2],
      ['ais', 'al', 2],
      ['eis', 'el', 2],
      ['ois', 'ol', 2],
      ['ns', 'm', 2],
      ['res', 'r', 3],
      ['zes', 'z', 2],
      ['ss', 'ss', 1],
      ['s', '', 3],
    ],
    [
      ['a', '', 3],
      ['e', '', 3],
      ['o', '', 3],
    ],
  ],
  nl: [
    [
      ['heden', 'heid', 2],
      ['en', '', 3],
      ['s', '', 3],
      ['e', '', 3],
    ],
    doubles('bdfgklmnprst'),
    [...'aeou'].flatMap((vowel) =>
      [...'bdfgklmnprst'].map((end): Rules[number] => [
        `${vowel}${vowel}${end}`,
        `${vowel}${end}`,
        1,
      ]),
    ),
  ],
};

/** `l'eau`, `dell'acqua`. */
const ELISION = /^(?:[cdjlmnst]|qu|dell|nell|all|dall|sull|un)'/;

/** The stem of one word, in lower case without diacritics; what is not all Latin letters stays as it is. */
export function stemIn(language: Language, word: string): string {
  if (language === 'en') return stem(word);
  if (!/^[a-zß']+$/.test(word)) return word;
  let text = word.replaceAll('ß', 'ss').replace(ELISION, '');
  for (const rules of STEPS[language]) {
    const rule = rules.find(
      ([ending, , least]) => text.endsWith(ending) && text.length - ending.length >= least,
    );
    if (rule !== undefined) text = text.slice(0, text.length - rule[0].length) + rule[1];
  }
  return text;
}
