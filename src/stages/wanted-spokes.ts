import { isVersionName } from '../core/specialist.ts';
import type { GateSpoke } from '../gate/route.ts';

export interface WantedSpokes {
  readonly named: readonly GateSpoke[];
  /** Who may stand in where one spoke is named. */
  readonly standbys: readonly GateSpoke[];
}

export function wantedSpokes(model: string, all: readonly GateSpoke[]): WantedSpokes {
  const named = namedSpokes(model, all);
  return { named, standbys: standbysOf(named, all) };
}

/**
 * Spokes that a model name stands for: for `auto` all but versions of a specialist, of which the live one
 * has its name; the grounded ones for `knowledge:`, else one.
 */
function namedSpokes(model: string, all: readonly GateSpoke[]): readonly GateSpoke[] {
  if (model.startsWith('auto')) return all.filter((spoke) => !isVersionName(spoke.id));
  if (model.startsWith('knowledge:')) return all.filter((spoke) => spoke.kind === 'grounded');
  return all.filter((spoke) => spoke.id === model);
}

/** Who may stand in for a spoke that the request names: its fallbacks, and the one asked beside it. */
function standbysOf(named: readonly GateSpoke[], all: readonly GateSpoke[]): readonly GateSpoke[] {
  const [spoke] = named;
  if (spoke === undefined || named.length > 1) return [];
  const ids = [...spoke.fallback, ...(spoke.hedge === undefined ? [] : [spoke.hedge])];
  return [...new Set(ids)].flatMap((id) =>
    id === spoke.id ? [] : (all.find((one) => one.id === id) ?? []),
  );
}
