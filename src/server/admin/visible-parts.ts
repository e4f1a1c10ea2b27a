import type { ModelStatus } from '../../core/catalogue.ts';
import type { SpokeConfig } from '../../core/config.ts';
import type { FarmStatus } from '../../core/farm.ts';
import type { Access } from '../access.ts';

/** The status; where the farm lives on its machine is the operator's business. */
export function printStatus(
  status: FarmStatus,
  access: Access,
): FarmStatus | Omit<FarmStatus, 'home' | 'pid'> {
  if (access.isOperator) return status;
  const { home: _home, pid: _pid, ...shown } = status;
  return shown;
}

/**
 * The models; a problem's words may name paths and sources, and an adapter may be a specialist of one
 * key alone, so only operators read of them.
 */
export function printModels(
  models: readonly ModelStatus[],
  access: Access,
): readonly Omit<ModelStatus, 'problem' | 'merged'>[] {
  if (access.isOperator) return models;
  return models.map(({ problem: _problem, merged: _merged, ...shown }) => shown);
}

/** The spokes; prompts, models and destinations are the operator's business. */
export function printSpokes(
  spokes: readonly SpokeConfig[],
  access: Access,
): readonly (SpokeConfig | Pick<SpokeConfig, 'id' | 'description' | 'kind' | 'tasks'>)[] {
  if (access.isOperator) return spokes;
  return spokes.map(({ id, description, kind, tasks }) => ({ id, description, kind, tasks }));
}
