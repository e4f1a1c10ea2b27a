import { z } from 'zod';
import type { GateSpoke } from './spoke.ts';

const share = z.number().min(0).max(1);

/** The shape of `scope.json`: a gate that speaks of some tasks and of known spokes alone. */
export const gateScopeSchema = z.strictObject({
  version: z.literal(1),
  origin: z.literal('starter'),
  reference: z.string().min(1),
  /** Spokes that were graded, each with the model that answered. */
  models: z.record(z.string(), z.string()),
  /** By task: what each spoke is expected to lose of what the reference gets right. */
  losses: z.record(z.string(), z.record(z.string(), share)),
});
export type ScopeFile = z.infer<typeof gateScopeSchema>;

/** Of which requests and spokes a gate speaks; of all else the starter's table does. */
export interface GateScope {
  readonly reference: string;
  /** Id of the model that was graded, by spoke. */
  readonly models: ReadonlyMap<string, string>;
  /** By task and spoke, 0 … 1. */
  readonly losses: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

export function scopeOf({ reference, models, losses }: ScopeFile): GateScope {
  return {
    reference,
    models: new Map(Object.entries(models)),
    losses: new Map(Object.entries(losses)),
  };
}

/** Whether the spoke is the one that was graded: another model under its name is another spoke. */
export function isInScope(scope: GateScope, spoke: Pick<GateSpoke, 'id' | 'modelId'>): boolean {
  return scope.models.get(spoke.id) === spoke.modelId;
}
