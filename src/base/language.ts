/** Languages whose words are stemmed and whose stop words are left out; everything else counts as English. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * The commonest words of each language that say nothing of a topic, without diacritics and of two
 * letters at least: in code, single letters are names.
 */
export const COMMON_WORDS: Readonly<Record<Exclude<Language, 'en'>, string>> = {
  de: `der die das und ist nicht ein eine einer eines einem einen dem den des sich mit auf fur von zu
    werden wird wurde wie auch bei oder nach aus sind durch kann zum zur im am wenn als hat haben sie er
    es ich wir ihr nur noch uber vor bis diese dieser dieses mehr kein keine was wo welche welcher`,
  fr: `le la les des de un une est et du dans en pour que qui par sur avec pas plus sont au aux ce cet
    cette il elle ils ne se ou nous vous etre ont comment quelle quel si peut doit leur sans sous entre
    ete aussi ces son sa ses mais comme quand`,
  es: `el la los las de un una es del que en por con para se no su sus lo como mas al este esta estos
    estas son pero ha han sobre ser cuando donde cual cuales si puede pueden debe desde hasta sin
    tambien todos cada antes ya`,
  it: `il lo la gli le un una di che per con non del della dei degli delle nel nella si sono al alla alle
    da dal dalla come piu anche questo questa essere ha quando quale quali dopo se sul sulla ogni puo
    deve senza stato tra ed cosa dove`,
  pt: `os as um uma de do da dos das que em no na nos nas por com para se nao mais ao como foi sao ser
    seu sua seus suas pelo pela quando qual quais onde pode ou este esta isso tambem sem ja ate mas
    cada antes entre muito`,
  nl: `de het een en van is dat niet op te zijn voor met die er aan ook als door bij wordt worden naar om
    maar dan nog uit deze dit wat hoe welke kan moet heeft hebben geen hij zij wij tot waar`,
};
/** English words that speak for English; more than its stop words, because a text must not be taken for another's. */
const ENGLISH = `the of and to is that it was for on are with as be this by from or have not which you they
  were has their what how can an in if do at no so all will when where we its these but may been into than
  such does must us me more other use used using return new`;

/** Which languages a word speaks for, in equal parts. */
const VOICES = new Map<string, Language[]>();
for (const language of LANGUAGES) {
  const list = language === 'en' ? ENGLISH : COMMON_WORDS[language];
  for (const word of new Set(list.split(/\s+/)))
    VOICES.set(word, [...(VOICES.get(word) ?? []), language]);
}
/** A text has at least this share of its language's commonest words. */
const LEAST_SHARE = 0.07;
/** Different words that must speak for it: one may be a name (`com.example`, a variable). */
const LEAST_WORDS = 3;
/** Votes that another language needs for each of English. */
const LEAD = 1.5;

/**
 * The language of a text by its commonest words, given in lower case without diacritics; English where
 * nothing else clearly leads.
 */
export function languageOf(words: readonly string[]): Language {
  const votes = new Map<Language, number>();
  const kinds = new Map<Language, number>();
  const heard = new Set<string>();
  for (const word of words) {
    const voices = VOICES.get(word);
    if (voices === undefined) continue;
    const isNew = !heard.has(word);
    if (isNew) heard.add(word);
    for (const language of voices) {
      votes.set(language, (votes.get(language) ?? 0) + 1 / voices.length);
      if (isNew) kinds.set(language, (kinds.get(language) ?? 0) + 1);
    }
  }
  let best: Language = 'en';
  let most = Math.max(LEAD * (votes.get('en') ?? 0), LEAST_SHARE * words.length);
  for (const [language, count] of votes) {
    if (language === 'en' || count <= most || (kinds.get(language) ?? 0) < LEAST_WORDS) continue;
    best = language;
    most = count;
  }
  return best;
}
