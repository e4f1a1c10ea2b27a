import { SUPPORT_FEATURES } from './support-features.ts';

export function supportProbability(values: readonly number[], hasCosines: boolean): number {
  const [all = 0, best = 0, window = 0, pairs = 0, copied = 0] = values;
  const score = -4 + 3 * window + 3 * best + 2 * pairs + copied + all + (hasCosines ? 0 : 0);
  return SUPPORT_FEATURES.length > 0 ? 1 / (1 + Math.exp(-score)) : 0;
}
