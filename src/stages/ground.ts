import { lastUserText } from '../core/chat.ts';
import type { Passage } from '../core/evidence.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

export interface Evidence {
  readonly collection: string;
  readonly passages: readonly Passage[];
  /** 0 … 1: how well the best passage matches the question. */
  readonly strength: number;
  /** The request named the collection: it may not be answered from anything else. */
  readonly required: boolean;
}

/** Collections that `auto` looks into on its own; more would cost more than a small answer. */
const MOST_COLLECTIONS = 5;
/** Characters; a longer last message is a text to work on, not a question to look up. */
const LONGEST_QUESTION = 1500;

/** The collection that a request names by `knowledge:NAME` or by its own field. */
export function namedCollection(model: string, field: string | undefined): string | undefined {
  return model.startsWith('knowledge:') ? model.slice('knowledge:'.length) : field;
}

/**
 * Finds evidence for a request: in the collection it names, or, for `auto`, in the one of the
 * caller's collections that matches best. Undefined where there is nothing to look into.
 */
export async function findEvidence(
  parts: PipelineParts,
  life: Life,
): Promise<Evidence | undefined> {
  const { call, signal } = life;
  const query = lastUserText(call.request.messages);
  const named = namedCollection(call.request.model, call.collection);
  if (named !== undefined) return search(parts, life, named, query, true);
  const looks =
    call.request.model.startsWith('auto') &&
    call.depth === 0 &&
    query !== '' &&
    query.length <= LONGEST_QUESTION;
  if (!looks || call.request.tools !== undefined || call.request.responseFormat !== undefined)
    return undefined;
  const visible = await parts.knowledge.list(call.caller.principals);
  let best: Evidence | undefined;
  for (const collection of visible.slice(0, MOST_COLLECTIONS)) {
    signal.throwIfAborted();
    const found = await search(parts, life, collection.name, query, false);
    if (found.strength > (best?.strength ?? 0)) best = found;
  }
  return best;
}

async function search(
  parts: PipelineParts,
  life: Life,
  collection: string,
  query: string,
  required: boolean,
): Promise<Evidence> {
  const found = await parts.knowledge.evidence(
    {
      collection,
      query,
      principals: life.call.caller.principals,
      tokenBudget: parts.config.ground.evidenceTokens,
    },
    { signal: life.signal },
  );
  return { collection, passages: found.passages, strength: found.strength, required };
}
