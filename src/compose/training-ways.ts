import { CadreError } from '../core/errors.ts';
import type { SpecialistKind } from '../core/specialist.ts';
import type { TrainingOrderWords } from '../core/training-job.ts';

/** What a kind learns, in words, and what it can be learnt by. */
interface Way {
  readonly what: string;
  /** The traffic says it, not rows of a file alone. */
  readonly isInTraffic: boolean;
  /** By a ladder, which stops at a target. */
  readonly hasLadder: boolean;
}

const WAYS: Readonly<Record<SpecialistKind, Way>> = {
  intents: { what: 'labels', isInTraffic: true, hasLadder: true },
  extract: { what: 'fields', isInTraffic: false, hasLadder: false },
  score: { what: 'numbers', isInTraffic: false, hasLadder: true },
  rank: { what: 'orders of passages', isInTraffic: false, hasLadder: true },
  adapter: { what: 'adapters', isInTraffic: false, hasLadder: false },
};

/** Throws `invalid_request` for what a kind cannot be learnt by. */
export function requireWay({ kind, data, target, tolerance }: TrainingOrderWords): void {
  const { what, isInTraffic, hasLadder } = WAYS[kind];
  const refuse = (words: string, param: string) =>
    new CadreError('invalid_request', words, { param });
  if (data.kind === 'traffic' && !isInTraffic)
    throw refuse(`${what} are learnt from a file, not from traffic`, 'data');
  if (tolerance !== undefined && kind !== 'score')
    throw refuse(`${what} are right or wrong: only numbers have a tolerance`, 'tolerance');
  if (target !== null && !hasLadder)
    throw refuse(`there is one way to learn ${what}: no target to stop at`, 'target');
}
