import type { Config, SpokeConfig } from '../core/config.ts';
import { AnswerCache } from '../run/answer-cache.ts';
import { SimilarIndex } from '../run/similar-index.ts';
import type { SharedAnswers } from '../stages/shared-answers.ts';
import { contentHash } from './content-hash.ts';

/** Bytes of the questions, of those that the answers may take. */
const QUESTIONS_SHARE = 8;

/** What equal requests share under a configuration; undefined where it wants nothing shared. */
export function composeSharedAnswers(
  config: Config,
  spokes: readonly SpokeConfig[],
  thresholds: ReadonlyMap<string, number> = new Map(),
): SharedAnswers | undefined {
  if (!config.cache.exact) return undefined;
  const { destinations, collections, policy, gate, ground, verify, fleet, cache } = config;
  const version = contentHash(
    JSON.stringify([spokes, destinations, collections, policy, gate, ground, verify, fleet]),
  );
  const index = new SimilarIndex({ bytes: cache.bytes / QUESTIONS_SHARE });
  return {
    config: cache,
    // A question is found only while its answer is kept.
    cache: new AnswerCache(cache, (key) => index.forget(key)),
    flights: new Map(),
    ...(thresholds.size === 0 ? {} : { similar: { index, thresholds } }),
    hash: contentHash,
    version,
  };
}
