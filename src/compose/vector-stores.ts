import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import { createVectorStores, type RoomVectorStores } from '../ground/vector-stores.ts';

interface ComposedVectorStores {
  readonly vectorStores: RoomVectorStores;
  /** Files that are still to be read are read after the next start. */
  close(): void;
}

/** Vector stores over the farm's own objects and collections. */
export function composeVectorStores(parts: {
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): ComposedVectorStores {
  const { store, knowledge, clock, log } = parts;
  const closing = new AbortController();
  const vectorStores = createVectorStores(
    {
      objects: store,
      chunks: store,
      knowledge,
      clock,
      onProblem: (id, error) => {
        if (!closing.signal.aborted) log(`vector store ${id}: ${error.message}`);
      },
    },
    closing.signal,
  );
  return { vectorStores, close: () => closing.abort() };
}
