import { stem } from '../base/stemmer.ts';
import { words } from '../base/tokens.ts';

const NEGATIONS = new Set(
  (
    'not no never none neither nor nobody nothing nowhere without cannot cant dont doesnt didnt isnt ' +
    'arent wasnt werent wont wouldnt shouldnt couldnt hasnt havent hadnt mustnt unable fail fails ' +
    'failed lack lacks lacked absent absence refuse refuses refused deny denies denied prohibited ' +
    'forbidden hardly barely'
  ).split(' '),
);

/** Words that turn a statement around when one takes the place of the other. */
const OPPOSITES =
  'increase:decrease rise:fall rise:drop gain:lose grow:shrink more:less more:fewer higher:lower ' +
  'high:low above:below before:after allow:forbid allow:prohibit permit:forbid open:close ' +
  'open:shut minimum:maximum always:never enable:disable true:false win:lose accept:reject ' +
  'include:exclude start:end begin:end with:without up:down positive:negative improve:worsen ' +
  'promote:inhibit activate:inhibit induce:inhibit enhance:reduce increase:reduce raise:reduce ' +
  'raise:lower upregulate:downregulate stimulate:suppress early:late earlier:later first:last ' +
  'hot:cold large:small larger:smaller long:short longer:shorter old:young older:younger ' +
  'fast:slow faster:slower better:worse best:worst safe:dangerous presence:absence ' +
  'sensitive:resistant beneficial:harmful benefit:harm associated:unrelated strong:weak ' +
  'buy:sell import:export mandatory:optional required:optional public:private left:right ' +
  'male:female mother:father son:daughter brother:sister morning:evening day:night ' +
  'encourage:discourage support:oppose deficient:sufficient cause:prevent live:dead alive:dead';

const ANTONYMS: ReadonlyMap<string, ReadonlySet<string>> = readOpposites();

function readOpposites(): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = new Map<string, Set<string>>();
  const add = (from: string, to: string) => pairs.set(from, (pairs.get(from) ?? new Set()).add(to));
  for (const pair of OPPOSITES.split(' ')) {
    const [a = '', b = ''] = pair.split(':').map(stem);
    add(a, b);
    add(b, a);
  }
  return pairs;
}

/** How many words of the text negate. */
export function negationCount(text: string): number {
  return words(text).filter((word) => isNegation(word)).length;
}

function isNegation(word: string): boolean {
  return NEGATIONS.has(word) || word.endsWith("n't") || NEGATIONS.has(word.replaceAll("'", ''));
}

/** True when one of the two texts negates an odd number of times and the other an even one. */
export function isNegationMismatch(claim: string, source: string): boolean {
  return negationCount(claim) % 2 !== negationCount(source) % 2;
}

/** A word of the claim whose opposite stands in the source, where the word itself does not. */
export function findOpposite(
  claim: string,
  source: string,
): { readonly claimed: string; readonly found: string } | undefined {
  const sourceStems = new Set(words(source).map(stem));
  for (const word of words(claim)) {
    const stemmed = stem(word);
    if (sourceStems.has(stemmed)) continue;
    for (const opposite of ANTONYMS.get(stemmed) ?? [])
      if (sourceStems.has(opposite)) return { claimed: word, found: opposite };
  }
  return undefined;
}
