import { createHash } from 'node:crypto';
import type { Config, SpokeConfig } from '../core/config.ts';
import { AnswerCache } from '../run/answer-cache.ts';
import { SimilarIndex } from '../run/similar-index.ts';
import type { SharedAnswers } from '../stages/shared-answers.ts';

/** What equal requests share under a configuration; undefined where it wants nothing shared. */
export function composeSharedAnswers(
  config: Config,
  spokes: readonly SpokeConfig[],
  thresholds: ReadonlyMap<string, number> = new Map(),
): SharedAnswers | undefined {
  if (!config.cache.exact) return undefined;
  const { destinations, collections, policy, gate, ground, verify, fleet, cache } = config;
  const version = sha256(
    JSON.stringify([spokes, destinations, collections, policy, gate, ground, verify, fleet]),
  );
  return {
    config: cache,
    cache: new AnswerCache(cache),
    flights: new Map(),
    ...(thresholds.size === 0 ? {} : { similar: { index: new SimilarIndex(), thresholds } }),
    hash: sha256,
    version,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
