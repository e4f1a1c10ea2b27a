import type { FarmStatus } from '../core/farm.ts';

type Held = Pick<FarmStatus, 'threads' | 'threadHolders'>;

/** Of a model; – while it has nothing to do. */
export function threadsOf({ threadHolders }: Held, model: string): string {
  const found = threadHolders.find(({ holder }) => holder === model);
  return found === undefined ? '–' : String(found.threads);
}

/** A line for what computes beside the models, where there is something. */
export function otherHolders(
  { threadHolders }: Held,
  models: readonly { readonly id: string }[],
): string[] {
  const others = threadHolders.filter(({ holder }) => !models.some(({ id }) => id === holder));
  if (others.length === 0) return [];
  const words = others.map(({ holder, threads }) => `${holder} (${plural(threads)})`);
  return [`Also computing: ${words.join(', ')}`];
}

export function threadsHeld({ threads, threadHolders }: Held): string {
  const held = threadHolders.reduce((sum, one) => sum + one.threads, 0);
  const shared = held > threads ? `, shared by ${threadHolders.length}` : '';
  return `${Math.min(held, threads)} of ${plural(threads)} in use${shared}`;
}

function plural(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}
