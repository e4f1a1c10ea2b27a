import { words } from '../base/tokens.ts';
import type { Demand } from './order-limits.ts';

/** Frequent short words that the neighbours of a language do not have. */
const STOP_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  english: new Set('the and of to is are was with that this for it you not have from'.split(' ')),
  german: new Set(
    'der die das und ist nicht mit ein eine den zu von auf für sie wird im'.split(' '),
  ),
  french: new Set('le la les et est une des du que pas pour dans avec sur au vous je'.split(' ')),
  spanish: new Set('el los las y es una del que por para con no se en su está'.split(' ')),
  italian: new Set('il lo gli e è una di che non per con della sono nel si le'.split(' ')),
  portuguese: new Set('o os as e é uma do da que não para com em por no está'.split(' ')),
  dutch: new Set('de het een en is niet met van op voor zijn dat te er aan wordt'.split(' ')),
};
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  chinese: /\p{Script=Han}/gu,
  japanese: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu,
  korean: /\p{Script=Hangul}/gu,
  russian: /\p{Script=Cyrillic}/gu,
  arabic: /\p{Script=Arabic}/gu,
  greek: /\p{Script=Greek}/gu,
  hindi: /\p{Script=Devanagari}/gu,
};
const WANTED = new RegExp(
  String.raw`\b(?:in|into|to) (${[...Object.keys(STOP_WORDS), ...Object.keys(SCRIPTS)].join('|')})\b(?! (?:history|law|literature|wine|cuisine|culture|speaking))`,
  'g',
);
/** Fewer words tell no language. */
const LEAST_WORDS = 6;
/** Part of the letters that a script must have. */
const LEAST_SHARE = 0.3;

/** The language that an order names for the answer; nothing where two are named, or the answer is too short to tell. */
export function languageDemands(order: string, answer: string): Demand[] {
  const named = [...new Set([...order.toLowerCase().matchAll(WANTED)].map(([, one = '']) => one))];
  const [language] = named;
  if (language === undefined || named.length > 1) return [];
  if (/```/.test(answer)) return [];
  const holds = isIn(language, answer);
  return holds === undefined ? [] : [{ name: `in ${language}`, holds }];
}

function isIn(language: string, answer: string): boolean | undefined {
  const script = SCRIPTS[language];
  if (script !== undefined) {
    const letters = answer.match(/\p{L}/gu)?.length ?? 0;
    if (letters === 0) return undefined;
    return (answer.match(script)?.length ?? 0) / letters >= LEAST_SHARE;
  }
  const all = words(answer);
  if (all.length < LEAST_WORDS) return undefined;
  const hits = (name: string) => all.filter((word) => STOP_WORDS[name]?.has(word)).length;
  const own = hits(language);
  const other = Math.max(
    ...Object.keys(STOP_WORDS).flatMap((name) => (name === language ? [] : [hits(name)])),
  );
  if (own === 0 && other === 0) return undefined;
  // Neighbouring languages share words, so only a clear lead speaks against it.
  return own >= other || own >= 0.6 * other;
}
