import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { GroundEngine } from '../ground/engine.ts';
import type { Models } from './models.ts';
import type { DoWork } from './work.ts';

type Wish = Parameters<Farm['rerank']>[0];
type Ranked = Omit<Awaited<ReturnType<Farm['rerank']>>, 'receipt'>;

/** Texts embedded per call: a caller who goes away stops the work within about a second. */
const TEXTS_AT_ONCE = 16;

/**
 * Ranks documents by words and, where the embedder is there, by meaning. `auto` does without the
 * embedder where it is missing and says so by `legs`; asked for by its id it must be there.
 */
export function composeRerank(parts: {
  readonly models: Pick<Models, 'embedder' | 'catalogue'>;
  readonly rank: GroundEngine['rank'];
  readonly denseWeight: number;
  readonly doWork: DoWork;
  /** The farm's own name behind a name; the receipt has the caller's. */
  readonly ownName: (name: string) => string;
}): Farm['rerank'] {
  const { models, rank, denseWeight } = parts;
  const run = async (wish: Wish, signal: AbortSignal): Promise<Ranked> => {
    const { query, documents } = wish;
    const model = parts.ownName(wish.model);
    const embedder = models.embedder();
    if (model !== 'auto' && model !== embedder?.id) {
      const isKnown = models.catalogue.find(model)?.embedding !== undefined;
      throw new CadreError(
        isKnown ? 'model_unavailable' : 'model_not_found',
        isKnown ? `the embedder ${model} is not in use here` : `${model} ranks no documents`,
        { param: 'model' },
      );
    }
    if (embedder === undefined) {
      const ranked = await rank({ query, texts: documents, denseWeight });
      return { model, ranked, tokens: 0, legs: ['lexical'] };
    }
    const asked = await embedder.doEmbedCounted([query], 'query', { signal });
    let tokens = asked.tokenCount;
    const vectors: Float32Array[] = [];
    for (let at = 0; at < documents.length; at += TEXTS_AT_ONCE) {
      const some = documents.slice(at, at + TEXTS_AT_ONCE);
      const made = await embedder.doEmbedCounted(some, 'passage', { signal });
      vectors.push(...made.vectors);
      tokens += made.tokenCount;
    }
    const [queryVector] = asked.vectors;
    if (queryVector === undefined) throw new CadreError('internal', 'the query has no vector');
    const order = { query, texts: documents, denseWeight };
    const ranked = await rank({ ...order, vectors: { query: queryVector, texts: vectors } });
    return { model: embedder.id, ranked, tokens, legs: ['lexical', 'dense'] };
  };
  return (wish, signal) =>
    parts.doWork({ kind: 'rerank', work: wish, threads: 1, run: () => run(wish, signal), signal });
}
