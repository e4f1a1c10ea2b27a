import { fitLogistic, type Logistic } from '../../base/logistic.ts';

/** Share of requests that are expected to be of a kind that was never graded. */
const NEW_SHARE = 0.1;
const PENALTY = 1;

/**
 * P(a text is of a new kind) from `size` signs each. `rows` has the texts of known kinds, then those of
 * kinds that were left out; each group counts as it is expected to come, however many there are.
 */
export function fitNewKind(
  rows: Float64Array,
  size: number,
  { known, fresh }: { readonly known: number; readonly fresh: number },
): Logistic {
  const total = known + fresh;
  const weights = Float64Array.from({ length: total }, (_, at) =>
    at < known ? ((1 - NEW_SHARE) * total) / known : (NEW_SHARE * total) / fresh,
  );
  const shares = Float64Array.from({ length: total }, (_, at) => (at < known ? 0 : 1));
  return fitLogistic(rows, size, { shares, weights }, PENALTY);
}
