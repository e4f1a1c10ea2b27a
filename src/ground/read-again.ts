import { readableText } from '../core/evidence.ts';
import type { CallOptions } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';
import { type Comparable, RERANK_DEPTH, standard } from './rerank.ts';

/** What a spoke is shown of a found chunk. */
export interface ShownPassage extends Pick<ChunkRow, 'documentId' | 'documentVersion'> {
  readonly sentences: readonly string[];
}

/** A spoke that reads passages for a search, each as a request through the pipeline. */
export interface PassageReader {
  readonly spoke: string;
  /** Milliseconds that whoever searches has for it at most; absent = as configured. */
  readonly mostMs?: number;
  /**
   * P(the passage answers the query), 0 … 1, by the spoke's word; undefined where it gave no
   * probability of yes or no, or the passage is no longer in force. Rejects with what the pipeline
   * says: `label_refused`, `upstream_failed` …
   */
  doRead(query: string, passage: ShownPassage, options: CallOptions): Promise<number | undefined>;
}

interface Readable extends Comparable {
  readonly chunk: Pick<ChunkRow, 'headings' | 'sentences' | 'documentId' | 'documentVersion'>;
}

export interface ReadAgain<Found> {
  readonly found: readonly Found[];
  /** Passages that the spoke said yes or no of, out of `of`. */
  readonly read: number;
  readonly of: number;
  /** The budget was out before the last one. */
  readonly isOut: boolean;
}

/**
 * Standard deviations of the standing score between a sure yes and a sure no: the spoke's word counts
 * about as much as the standing order. Not fitted.
 */
const WORTH = 2;

/**
 * Has the best passages read one after the other, best first, until the budget is out, and orders them
 * by their score (in standard deviations over all of the best) plus how far P(yes) is above or below
 * the mean of those that were read. What was not reached counts as that mean: no passage passes it by
 * having been read, a refused one falls towards it and behind it, and a spoke that says no to
 * everything changes nothing. The scores themselves keep their places. All as it was where the spoke's
 * first answer has no probabilities; rejects where it fails.
 */
export async function readAgain<Found extends Readable>(
  found: readonly Found[],
  query: string,
  reader: PassageReader,
  options: CallOptions & { readonly budgetMs: number },
): Promise<ReadAgain<Found>> {
  const best = found.slice(0, RERANK_DEPTH);
  if (best.length < 2) return { found, read: 0, of: best.length, isOut: false };
  const { said, isOut } = await readThrough(best, query, reader, options);
  const known = said.filter((one) => one !== undefined);
  const mean = known.reduce((sum, one) => sum + one, 0) / Math.max(1, known.length);
  const ranks = known.toSorted((left, right) => right - left);
  const places = standard(best.map((one) => one.ranked.score));
  const again = best
    .map((one, at) => ({
      one,
      yes: said[at],
      score: (places[at] ?? 0) + WORTH * ((said[at] ?? mean) - mean),
    }))
    .sort((left, right) => right.score - left.score)
    .map(({ one, yes }, at): Found => {
      const place =
        yes === undefined
          ? []
          : [{ leg: 'reader', rank: ranks.indexOf(yes) + 1, score: yes } as const];
      const legs = [...one.ranked.legs, ...place];
      return { ...one, ranked: { ...one.ranked, legs, score: best[at]?.ranked.score ?? 0 } };
    });
  return {
    found: [...again, ...found.slice(best.length)],
    read: known.length,
    of: best.length,
    isOut,
  };
}

/** P(yes) of the passages that were reached. */
async function readThrough(
  best: readonly Readable[],
  query: string,
  reader: PassageReader,
  { signal, budgetMs }: CallOptions & { readonly budgetMs: number },
): Promise<{ readonly said: readonly (number | undefined)[]; readonly isOut: boolean }> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.floor(budgetMs)))]);
  const said: (number | undefined)[] = [];
  for (const { chunk } of best) {
    const { headings, documentId, documentVersion } = chunk;
    const text = [headings.join(' › '), ...chunk.sentences.map(readableText)];
    const sentences = text.filter((one) => one !== '');
    const passage = { sentences, documentId, documentVersion };
    try {
      said.push(await reader.doRead(query, passage, { signal: until }));
    } catch (thrown) {
      signal.throwIfAborted();
      if (!until.aborted) throw thrown;
    }
    // Nothing of the first is nothing of the others either.
    if (until.aborted || said[0] === undefined) break;
  }
  signal.throwIfAborted();
  return { said, isOut: until.aborted };
}
