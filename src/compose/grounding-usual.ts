import type { SupportExample } from '../verify/support-fit.ts';
import type { SupportScorer } from '../verify/support-scorer.ts';
import { adaptScorer } from '../verify/support-usual.ts';

type Unjudged = Pick<SupportExample, 'values' | 'shape'> & {
  readonly row: { readonly set?: string };
};

/**
 * For each sentence the scorer that knows what is usual among all of its kind (`set`), whatever people
 * say of them: their answers are not read.
 */
export function knowingUsual<Example extends Unjudged>(
  scorerOf: (example: Example) => SupportScorer | undefined,
  examples: readonly Example[],
): (example: Example) => SupportScorer | undefined {
  const kinds = Map.groupBy(examples, (one) => one.row.set);
  const made = new Map<SupportScorer, Map<string | undefined, SupportScorer>>();
  return (example) => {
    const scorer = scorerOf(example);
    if (scorer === undefined) return undefined;
    const perKind = made.get(scorer) ?? new Map<string | undefined, SupportScorer>();
    made.set(scorer, perKind);
    const { set } = example.row;
    const adapted = perKind.get(set) ?? adaptScorer(scorer, kinds.get(set) ?? []);
    perKind.set(set, adapted);
    return adapted;
  };
}
