import { COMMON_WORDS } from './language.ts';

/** Scripts that speak for a language, or for themselves where several languages write in them. */
const SCRIPTS: readonly (readonly [name: string, letter: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['Cyrillic script', /\p{Script=Cyrillic}/gu],
];
/** Letters that one of the languages of the script has and the others have not. */
const TELLTALES: Readonly<Record<string, readonly (readonly [name: string, letter: RegExp])[]>> = {
  'Cyrillic script': [
    ['uk', /[іїєґ]/iu],
    ['ru', /[ыэё]/iu],
  ],
  ar: [['fa', /[پچژگ]/u]],
};
/** Commonest words beside those of COMMON_WORDS, without diacritics. */
const WORDS: Readonly<Record<string, string>> = {
  ...COMMON_WORDS,
  de: `${COMMON_WORDS.de} mein meine meinen meiner mich mir bitte habe du dein warum wann wer bin ja gibt`,
  fr: `${COMMON_WORDS.fr} je tu mon ma mes moi mais ai pourquoi puis est-ce oui veux bonjour`,
  es: `${COMMON_WORDS.es} yo mi mis me tengo quiero hay por favor donde cuanto`,
  it: `${COMMON_WORDS.it} io mio mia miei mi ho voglio posso perche quanto vorrei`,
  pt: `${COMMON_WORDS.pt} eu meu minha meus tenho quero voce posso porque fazer`,
  nl: `${COMMON_WORDS.nl} ik mijn je jij kan mij waarom wil graag heb ben`,
  en: `the of and to is that it was for on are with as be this by from or have not which you they were has
    what how can an in if do at no so all will when where we its these but may been into than does must us
    me my your other use there would could should why who please want need get did any about`,
  pl: `nie sie jest na do to jak ze co od za przez dla czy moja moj moge prosze mam ale tak po jego tylko
    byc gdzie kiedy dlaczego ktory`,
  cs: `je se na ze to jak co od za pro ale jsem jsou muj moje mohu prosim mam kde kdy proc ktery nebo byt by`,
  sv: `och att det som en ar av for pa med den till inte jag har om ett men var hur vad mitt min kan mig
    varfor nar`,
  da: `og at det som en er af for pa med den til ikke jeg har om et men hvor hvad mit min kan mig hvorfor
    hvordan nar`,
  fi: `ja on ei se etta en ole mina mutta miten mita missa voin minun tama kun niin hanen ovat oli myos`,
  ro: `si de la nu in cu pe este ce sa care din un pentru mai am cum unde cand vreau sunt mea meu imi`,
  tr: `ve bir bu icin ile de da ne nasil neden nerede var yok mi benim ben cok daha olarak gibi istiyorum`,
  hu: `es az egy nem hogy is van meg de ez mi hol mikor miert kell volt csak vagy mert nekem szeretnek`,
  id: `yang dan di ke dari ini itu untuk dengan tidak saya bagaimana apa ada bisa akan pada anda kapan
    mengapa`,
};

const VOICES = new Map<string, string[]>();
for (const [language, list] of Object.entries(WORDS))
  for (const word of new Set(list.split(/\s+/)))
    VOICES.set(word, [...(VOICES.get(word) ?? []), language]);

/** Votes that tell a language, and how many times those of the next it has. */
const VOTES_LEAST = 1.5;
const LEAD = 1.4;
const CHARACTERS_READ = 1000;

/**
 * The language of a text as a code of ISO 639-1, or `Cyrillic script` where the letters do not tell which;
 * undefined for a text too short to tell. By its script, else by the commonest words of 17 languages.
 */
export function tongueOf(text: string): string | undefined {
  const read = text.slice(0, CHARACTERS_READ);
  return scriptOf(read) ?? wordsTongue(read);
}

function scriptOf(text: string): string | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (letters === 0 || /^[\x00-\x7f]*$/.test(text)) return undefined;
  for (const [name, letter] of SCRIPTS) {
    const count = text.match(letter)?.length ?? 0;
    // Japanese is mostly written in Chinese signs, with its own between them.
    if (count < letters * (name === 'ja' ? 0.1 : 0.5)) continue;
    return TELLTALES[name]?.find(([, sign]) => sign.test(text))?.[0] ?? name;
  }
  return undefined;
}

function wordsTongue(text: string): string | undefined {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const votes = new Map<string, number>();
  for (const word of new Set(plain.match(/\p{L}+/gu) ?? [])) {
    const voices = VOICES.get(word) ?? [];
    for (const one of voices) votes.set(one, (votes.get(one) ?? 0) + 1 / Math.sqrt(voices.length));
  }
  const [best, next] = [...votes].toSorted((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < VOTES_LEAST) return undefined;
  return best[1] >= LEAD * (next?.[1] ?? 0) ? best[0] : undefined;
}
