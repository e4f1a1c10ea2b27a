import { stem } from '../base/stemmer.ts';
import { indexTerms, words } from '../base/tokens.ts';

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

/** Words after a negation that it is taken to negate; a comma or full stop ends its reach. */
const REACH = 4;

/** Stems of the words that the text negates: “must not touch the pump” → touch, pump. */
export function negatedStems(text: string): ReadonlySet<string> {
  const negated = new Set<string>();
  for (const clause of text.split(/[,;:.!?()]+(?!\d)/)) {
    let left = 0;
    for (const word of words(clause)) {
      if (isNegation(word)) left = REACH;
      else if (left > 0) {
        negated.add(stem(word));
        left -= 1;
      }
    }
  }
  return negated;
}

function isNegation(word: string): boolean {
  return NEGATIONS.has(word) || word.endsWith("n't") || NEGATIONS.has(word.replaceAll("'", ''));
}

/** A stem that both texts have and only one of them negates. */
export function findNegationMismatch(claim: string, source: string): string | undefined {
  const claimed = new Set(indexTerms(claim));
  const stated = new Set(indexTerms(source));
  const inClaim = negatedStems(claim);
  const inSource = negatedStems(source);
  for (const term of claimed)
    if (stated.has(term) && inClaim.has(term) !== inSource.has(term)) return term;
  return undefined;
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
