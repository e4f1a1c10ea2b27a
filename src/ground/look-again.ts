import type { Config } from '../core/config.ts';
import { RERANK_TOKENS } from '../core/config-ground.ts';
import { type CadreError, toCadreError } from '../core/errors.ts';
import type { MissingLeg } from '../core/evidence.ts';
import type { CallOptions, Clock, Embedder } from '../core/ports.ts';
import type { Rerank } from '../core/search-result.ts';
import type { FoundChunk } from './evidence.ts';
import { type PassageReader, readAgain } from './read-again.ts';
import { rerank } from './rerank.ts';

/** Who looks at the best passages again. */
export type Look =
  | { readonly leg: 'tokens'; readonly embedder: Embedder }
  | { readonly leg: 'reader'; readonly reader: PassageReader };

export interface LookedAgain {
  readonly found: readonly FoundChunk[];
  readonly missing?: MissingLeg;
  readonly rerank?: Rerank;
}

export interface LookOptions extends CallOptions {
  readonly budgetMs: number;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly onProblem: (error: CadreError) => void;
}

/** Milliseconds beyond its budget that a comparison may take before it is given up. */
const GRACE_MS = 2000;

/** Undefined where nobody looks again: it is not wanted, or who should is not there. */
export function lookOf(
  { rerankMs, rerankBy }: Pick<Config['ground'], 'rerankMs' | 'rerankBy'>,
  embedder: Embedder | undefined,
  reader: PassageReader | undefined,
): Look | undefined {
  if (rerankMs === 0) return undefined;
  if (rerankBy !== RERANK_TOKENS) return reader && { leg: 'reader', reader };
  return embedder?.doMatch === undefined ? undefined : { leg: 'tokens', embedder };
}

/** Puts the best passages in order anew; where that fails, the order stays as it was. */
export function lookAgain(
  look: Look,
  found: readonly FoundChunk[],
  query: string,
  options: LookOptions,
): Promise<LookedAgain> {
  return look.leg === 'reader'
    ? lookByReader(look.reader, found, query, options)
    : lookByTokens(look.embedder, found, query, options);
}

async function lookByTokens(
  embedder: Embedder,
  found: readonly FoundChunk[],
  query: string,
  { signal, budgetMs, onProblem }: LookOptions,
): Promise<LookedAgain> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(budgetMs + GRACE_MS)]);
  try {
    return { found: await rerank(found, query, embedder, { signal: limited, budgetMs }) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!limited.aborted) onProblem(toCadreError(thrown));
    const reason = limited.aborted ? 'the embedder was busy' : 'the comparison failed';
    return { found, missing: { leg: 'tokens', reason } };
  }
}

async function lookByReader(
  reader: PassageReader,
  found: readonly FoundChunk[],
  query: string,
  { signal, budgetMs, clock, onProblem }: LookOptions,
): Promise<LookedAgain> {
  const began = clock.elapsed();
  const missing = (reason: string): MissingLeg => ({ leg: 'reader', reason });
  const { spoke, mostMs = budgetMs } = reader;
  try {
    const again = await readAgain(found, query, reader, {
      signal,
      budgetMs: Math.min(budgetMs, mostMs),
    });
    const { read, of, isOut } = again;
    const ms = clock.elapsed() - began;
    const why = isOut ? 'had no time for' : 'gave no probabilities of yes and no for';
    return {
      found: again.found,
      rerank: { spoke, read, of, ms },
      ...(of > 1 && read === 0 ? { missing: missing(`${spoke} ${why} the first passage`) } : {}),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toCadreError(thrown);
    onProblem(error);
    return { found, missing: missing(`${spoke} failed: ${error.message}`) };
  }
}
