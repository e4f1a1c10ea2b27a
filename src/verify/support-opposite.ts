/** Verbs that turn a statement around when one takes the place of the other; base forms. */
const VERBS =
  'increase:decrease raise:lower promote:inhibit activate:inactivate induce:suppress enhance:reduce ' +
  'improve:worsen stimulate:block upregulate:downregulate cause:prevent allow:prevent enable:prevent ' +
  'facilitate:impede accelerate:delay strengthen:weaken expand:limit support:oppose accept:reject ' +
  'include:exclude exacerbate:alleviate attenuate:amplify elevate:diminish augment:impair join:leave ' +
  'open:close start:end begin:finish encourage:discourage succeed:fail';
const WORDS =
  'higher:lower high:low more:less more:fewer greater:smaller positive:negative ' +
  'positively:negatively large:small larger:smaller effective:ineffective accurate:inaccurate ' +
  'longer:shorter long:short earlier:later early:late before:after with:without presence:absence ' +
  'better:worse best:worst sensitive:resistant beneficial:harmful benefit:harm benefits:harms ' +
  'gain:loss rise:fall rises:falls rose:fell risen:fallen grow:shrink grows:shrinks grew:shrank ' +
  'win:lose wins:loses won:lost most:least strong:weak up:down above:below maximum:minimum ' +
  'always:never all:none many:few first:last old:young older:younger new:old increased:reduced ' +
  'overexpression:deletion activation:inhibition activator:inhibitor agonist:antagonist ' +
  'upregulation:downregulation improvement:deterioration protective:harmful efficient:inefficient ' +
  'sufficient:insufficient dependent:independent necessary:unnecessary important:unimportant ' +
  'same:different similar:different common:rare hot:cold fast:slow faster:slower safe:dangerous ' +
  'public:private male:female men:women left:right buy:sell bought:sold day:night legal:illegal ' +
  'able:unable possible:impossible likely:unlikely healthy:sick alive:dead abundant:scarce ' +
  'mandatory:optional required:optional allowed:forbidden';
const HELPERS = 'do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|may|must';
const NEGATED = new RegExp(`\\b(${HELPERS})(?: not|n't|n’t)\\b`, 'i');
const HELPED = /\b(is|are|was|were|can|could|will|would|should|may|must)\b/;

const OPPOSITES = readOpposites();

function readOpposites(): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  const add = (from: string, to: string) => {
    if (!pairs.has(from)) pairs.set(from, to);
    if (!pairs.has(to)) pairs.set(to, from);
  };
  for (const pair of VERBS.split(' ')) {
    const [left = [], right = []] = pair.split(':').map(formsOf);
    for (const [at, form] of left.entries()) add(form, right[at] ?? form);
  }
  for (const pair of WORDS.split(' ')) {
    const [left = '', right = ''] = pair.split(':');
    add(left, right);
  }
  return pairs;
}

/** `reduce` → reduce, reduces, reduced, reducing; regular verbs only. */
function formsOf(verb: string): readonly string[] {
  const root = verb.endsWith('e') ? verb.slice(0, -1) : verb;
  return [verb, `${verb}s`, `${root}ed`, `${root}ing`];
}

/** How a statement was turned around; `said` = only by saying that it is not true. */
export type TurnKind = 'negation' | 'word' | 'negated' | 'said';

export interface TurnedClaim {
  readonly text: string;
  readonly kind: TurnKind;
}

/**
 * The claim turned around: its negation taken out, else its first word that has an opposite
 * exchanged, else negated. Evidence that is nearer to the turned claim than to the claim speaks
 * against it.
 */
export function turnAround(claim: string): TurnedClaim {
  const freed = claim
    .replace(NEGATED, (_, helper: string) => (/^d/i.test(helper) ? '' : helper))
    .replace(/\bcannot\b/i, 'can')
    .replace(/\bno (?=[a-z])/i, 'a ')
    .replace(/ {2,}/g, ' ');
  if (freed !== claim) return { text: freed, kind: 'negation' };
  let isTurned = false;
  const exchanged = claim.replace(/[A-Za-z]+/g, (word) => {
    const opposite = OPPOSITES.get(word.toLowerCase());
    if (opposite === undefined || isTurned) return word;
    isTurned = true;
    return opposite;
  });
  if (isTurned) return { text: exchanged, kind: 'word' };
  const negated = claim.replace(HELPED, '$1 not').replace(/\b(has|have|had) (?!not)/, '$1 no ');
  if (negated !== claim) return { text: negated, kind: 'negated' };
  return { text: `It is not true that ${claim}`, kind: 'said' };
}
