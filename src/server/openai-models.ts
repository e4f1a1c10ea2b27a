import { CadreError } from '../core/errors.ts';
import type { ModelName } from '../core/farm.ts';
import { nearestName } from '../core/nearest.ts';

/** One entry of GET /v1/models, with what the farm knows about the name. */
export function printModelName(name: ModelName) {
  return {
    id: name.id,
    object: 'model' as const,
    created: name.created,
    owned_by: 'cadre',
    cadre: { kind: name.kind, description: name.description, ready: name.ready },
  };
}

/**
 * The name that a request asks for. Rejects with `model_not_found` and the nearest name, or
 * `invalid_request` when the name is for the other endpoint.
 */
export function requireName(
  names: readonly ModelName[],
  id: string,
  use?: 'chat' | 'embeddings',
): ModelName {
  const found = names.find((name) => name.id === id);
  const fits = (name: ModelName) => {
    if (use === undefined) return true;
    return use === 'chat'
      ? name.kind !== 'embedder'
      : name.kind === 'embedder' || name.id === 'auto';
  };
  if (found !== undefined && fits(found)) return found;
  if (found !== undefined)
    throw new CadreError(
      'invalid_request',
      use === 'chat'
        ? `“${id}” makes embeddings; send it to /v1/embeddings`
        : `“${id}” answers chats; send it to /v1/chat/completions`,
      { param: 'model' },
    );
  const ids = names.filter(fits).map((name) => name.id);
  // The search is quadratic in the length, and no name is longer.
  const near = id.length > 200 ? undefined : nearestName(id, ids);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('model_not_found', `there is no model “${id.slice(0, 200)}”${hint}`, {
    param: 'model',
  });
}
