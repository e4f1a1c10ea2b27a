import type { Contradiction, Passage } from '../core/evidence.ts';
import { findContradictions } from '../verify/contradictions.ts';
import { withoutOutdated } from '../verify/differing-sources.ts';
import type { Evidence } from './ground.ts';
import type { PipelineParts } from './parts.ts';

/** What a spoke is shown of the evidence. */
export interface ShownEvidence {
  readonly passages: readonly Passage[];
  /** Sentences of these passages that cannot both hold. */
  readonly contradictions: readonly Contradiction[];
}

/** Finds what contradicts each other; where the newest is to count, the older is kept back. */
export function shownEvidence(
  { config }: PipelineParts,
  evidence: Evidence | undefined,
): ShownEvidence {
  const { passages = [] } = evidence ?? {};
  const all = findContradictions(passages.flatMap((passage) => passage.sentences));
  if (config.verify.contradictions === 'both') return { passages, contradictions: all };
  const kept = withoutOutdated(passages, all);
  const numbers = new Set(kept.flatMap((one) => one.sentences.map(({ number }) => number)));
  const contradictions = all.filter(({ sentences }) =>
    sentences.every(({ number }) => numbers.has(number)),
  );
  return { passages: kept, contradictions };
}
