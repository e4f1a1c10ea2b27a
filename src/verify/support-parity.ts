import { STOP_WORDS } from '../base/stop-words.ts';
import type { IndexedSentence } from './evidence-index.ts';

/** Beginnings of words that say: more of it, or that it is brought about. */
const RAISING = new RegExp(
  `^(?:${[
    'increas rais ris(?:e|es|en|ing)$ rose$ elevat enhanc promot activat induc stimulat upregulat',
    'improv augment accelerat facilitat strength enabl more$ greater high(?:er|est|ly)?$ long(?:er|est)$',
    'larger better strong expan boost accumulat amplif gain(?:s|ed|ing)?$ grow support trigger caus driv',
    'exacerbat potentiat favou?r overexpress abundan excess positiv sufficien effective effectual',
    'efficien sensitiv suscepti benefi success superior predispos risks?$ necess requir essenti critical',
  ]
    .join(' ')
    .replaceAll(' ', '|')})`,
);
/** Less of it, or that it is kept from coming about. */
const LOWERING = new RegExp(
  `^(?:${[
    'decreas reduc low(?:er|ers|ered|ering|est)?$ fall fell$ drop declin diminish inhibit suppress',
    'down$ downregulat attenuat impair block prevent abolish abrogat ablat disrupt delet knockdown',
    'knockout deplet deficien lack los(?:e|es|ing|s|t)$ absen fewer less(?:er)?$ smaller shorter limit',
    'restrict weak hinder imped repress antagoni protect ameliorat alleviat revers eliminat negativ',
    'insufficien ineffect resist dispens independ unaffect wors poor delay slow minim counteract interfer',
    'silenc degrad inferior harm null$',
  ]
    .join(' ')
    .replaceAll(' ', '|')})`,
);
const DENYING =
  /^(?:not|no|never|neither|nor|without|unlikely|fail|fails|failed|cannot|unable|hardly|little|.*n't)$/;

/** 1, −1 for what raises, and for what lowers or denies; 0 for any other word. */
function signOf(word: string): -1 | 0 | 1 {
  if (DENYING.test(word) || LOWERING.test(word)) return -1;
  return RAISING.test(word) ? 1 : 0;
}

/** The product of the signs of some words: two that lower make one that raises. */
function parityOf(words: readonly string[]): number {
  return words.reduce((parity, word) => (signOf(word) === -1 ? -parity : parity), 1);
}

/**
 * Do claim and sentences say that a thing goes the same way? Of each sentence the part that speaks of
 * the claim's things is read; “A deficiency raises B” and “A lowers B” agree, as signs multiply.
 * −1 … 1, each sentence weighing by its share of the claim's things.
 */
export function parityAgreement(
  claim: IndexedSentence,
  sentences: readonly IndexedSentence[],
): number {
  const things = new Set(
    claim.words.flatMap((word, at) =>
      STOP_WORDS.has(word) || signOf(word) !== 0 || DENYING.test(word)
        ? []
        : (claim.stems[at] ?? []),
    ),
  );
  const claimed = parityOf(claim.words);
  let sum = 0;
  for (const { words, stems } of sentences) {
    const places = [...stems.keys()].filter((at) => things.has(stems[at] ?? ''));
    const [first, last] = [places[0], places.at(-1)];
    if (first === undefined || last === undefined || first === last) continue;
    const share = new Set(places.map((at) => stems[at])).size / things.size;
    sum += claimed * parityOf(words.slice(Math.max(0, first - 1), last + 2)) * share;
  }
  return sum / Math.max(1, sentences.length);
}
