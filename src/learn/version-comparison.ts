import { exactMcNemar } from '../base/statistics.ts';
import { EVALUATION_ROWS, type VersionComparison } from '../core/specialist.ts';

/** At most this share of equal or worse models may look better. */
const RISK = 0.05;
/** Normal quantiles of a two-sided test at 5 % and of 80 % power. */
const CRITICAL = 1.96;
const POWER = 0.84;

/**
 * Two versions on the same rows. The new one is better when an exact one-sided test of McNemar (half
 * of the two-sided one) leaves at most 5 %.
 */
export function compareVersions(
  version: number,
  pairs: readonly { readonly isRight: boolean; readonly incumbentIsRight: boolean }[],
): VersionComparison {
  const count = (wanted: (pair: (typeof pairs)[number]) => boolean) => pairs.filter(wanted).length;
  const rows = pairs.length;
  const onlyNew = count((one) => one.isRight && !one.incumbentIsRight);
  const onlyIncumbent = count((one) => !one.isRight && one.incumbentIsRight);
  const probability = exactMcNemar(onlyNew, onlyIncumbent);
  return {
    version,
    rows,
    accuracy: rows === 0 ? 0 : count((one) => one.isRight) / rows,
    incumbentAccuracy: rows === 0 ? 0 : count((one) => one.incumbentIsRight) / rows,
    onlyNew,
    onlyIncumbent,
    probability,
    isBetter: onlyNew > onlyIncumbent && probability / 2 <= RISK,
  };
}

/**
 * The difference in accuracy to a model of another make that `rows` rows show with 80 % probability
 * (two-sided test at 5 %), when the two disagree as often as they would were their mistakes
 * independent: (1.96 + 0.84) √(2 p (1 − p) / n) (Connor, Biometrics 1987, first order). Null from
 * 1,000 rows on.
 */
export function detectableGap(accuracy: number, rows: number): number | null {
  if (rows >= EVALUATION_ROWS) return null;
  if (rows === 0) return 1;
  // Of very good models, one mistake more or less is still a difference.
  const disagreement = Math.max(2 * accuracy * (1 - accuracy), 1 / rows);
  return Math.min(1, (CRITICAL + POWER) * Math.sqrt(disagreement / rows));
}
