import { mayRead } from '../core/access.ts';
import { readersOf } from '../core/call.ts';
import { trialDraw } from '../core/canary.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { GroundEngine } from '../ground/engine.ts';
import type { Models } from './models.ts';
import type { ServedSpecialists } from './specialists.ts';
import type { DoWork } from './work.ts';

type Wish = Parameters<Farm['rerank']>[0];
type Ranked = Omit<Awaited<ReturnType<Farm['rerank']>>, 'receipt'>;

/** Texts embedded per call: a caller who goes away stops the work within about a second. */
const TEXTS_AT_ONCE = 16;

/**
 * Ranks documents by words and, where the embedder is there, by meaning. `auto` does without the
 * embedder where it is missing and says so by `legs`; asked for by its id it must be there. A specialist
 * orders by what it was taught.
 */
export function composeRerank(parts: {
  readonly models: Pick<Models, 'embedder' | 'catalogue'>;
  readonly rank: GroundEngine['rank'];
  readonly denseWeight: number;
  readonly doWork: DoWork;
  /** The farm's own name behind a name; the receipt has the caller's. */
  readonly ownName: (name: string) => string;
  readonly specialists: () => Pick<ServedSpecialists, 'rankers' | 'canaryOf'>;
}): Farm['rerank'] {
  const { models, rank, denseWeight } = parts;
  const run = async (wish: Wish, signal: AbortSignal): Promise<Ranked> => {
    const { query, documents } = wish;
    const model = parts.ownName(wish.model);
    const taught = await rankTaught(parts.specialists(), { ...wish, model }, signal);
    if (taught !== undefined) return taught;
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

/**
 * By a specialist, or by its version on trial where it is the request's turn; undefined where the name is
 * none. The receipt's model tells the version, so that what is said of the answer counts for it.
 */
async function rankTaught(
  { rankers, canaryOf }: Pick<ServedSpecialists, 'rankers' | 'canaryOf'>,
  { id, model, query, documents, caller }: Wish,
  signal: AbortSignal,
): Promise<Ranked | undefined> {
  const principals = readersOf(caller);
  const find = (id: string) =>
    rankers.find(
      (one) => one.id === id && (one.readers === undefined || mayRead(one.readers, principals)),
    );
  const named = find(model);
  if (named === undefined) return undefined;
  const trial = canaryOf(model);
  const isTried = trial !== undefined && trialDraw(trial.spoke, caller.key, id) < trial.share;
  const { ranker } = (isTried ? find(trial.spoke) : undefined) ?? named;
  if (ranker === undefined)
    throw new CadreError('specialist_damaged', `${model} does not serve: it is damaged`);
  const ranked = await ranker.doRank(query, documents, { signal });
  return { ...ranked, model: `classifier:${ranker.version}` };
}
