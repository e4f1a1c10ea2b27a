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
    cadre: {
      kind: name.kind,
      description: name.description,
      ready: name.ready,
      context_length: name.contextLength,
      ...(name.alias === undefined ? {} : { alias: name.alias }),
    },
  };
}

/** What a request may want of a name. */
export type NameUse = 'chat' | 'embeddings' | 'rerank';

const FITTING: Readonly<Record<NameUse, (name: ModelName) => boolean>> = {
  chat: ({ kind }) => kind !== 'embedder' && kind !== 'reranker',
  embeddings: ({ kind, id }) => kind === 'embedder' || id === 'auto',
  rerank: ({ kind, id }) => kind === 'embedder' || kind === 'reranker' || id === 'auto',
};

/** What a name does instead, and where. */
function otherUse({ id, kind }: ModelName): string {
  if (kind === 'embedder') return `“${id}” makes embeddings; send it to /v1/embeddings`;
  return kind === 'reranker'
    ? `“${id}” orders passages; send it \`query\` and \`documents\` to /v1/rerank`
    : `“${id}” answers chats; send it to /v1/chat/completions`;
}

/**
 * The name that a request asks for. Rejects with `model_not_found` and the nearest name, or
 * `invalid_request` when the name is for another endpoint.
 */
export function requireName(names: readonly ModelName[], id: string, use?: NameUse): ModelName {
  const found = names.find((name) => name.id === id) ?? coveringName(names, id);
  const fits = (name: ModelName) => use === undefined || FITTING[use](name);
  if (found !== undefined && fits(found)) return found;
  if (found !== undefined)
    throw new CadreError('invalid_request', otherUse({ ...found, id }), { param: 'model' });
  const ids = names.filter((name) => fits(name) && !isPattern(name)).map((name) => name.id);
  // The search is quadratic in the length, and no name is longer.
  const near = id.length > 200 ? undefined : nearestName(id, ids);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('model_not_found', `there is no model “${id.slice(0, 200)}”${hint}`, {
    param: 'model',
  });
}

/** An alias that ends in `*` is no name to list: it covers names. */
export function isPattern(name: ModelName): boolean {
  return name.alias !== undefined && name.id.endsWith('*');
}

/** The longest pattern that covers the name. */
function coveringName(names: readonly ModelName[], id: string): ModelName | undefined {
  return names
    .filter((name) => isPattern(name) && id.startsWith(name.id.slice(0, -1)))
    .toSorted((a, b) => b.id.length - a.id.length)[0];
}
