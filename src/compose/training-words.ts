import type { TrainingProgress } from '../adapters/models/classifier-protocol.ts';
import { counted } from '../base/counted.ts';
import type { Clock } from '../core/ports.ts';
import type { SpecialistReport } from '../core/specialist.ts';
import type { TrainingEvent } from '../core/training-job.ts';
import { eventOf } from './training-story.ts';

type Say = (event: Omit<TrainingEvent, 'place'>) => Promise<void>;

/** Embedded texts between two events of a job's story. */
const EMBEDDED_STEP = 0.25;
/** Rows that the generalist answers between two. */
const ASKED_STEP = 10;

/** Where a version stands when its job ends. */
export function standing(
  version: string,
  { comparison }: SpecialistReport,
  isLive: boolean,
): string {
  if (isLive)
    return comparison === null
      ? `${version} is live: it is the first of its name, nothing is replaced`
      : `${version} is live: ${comparison.reasons[0]}`;
  const why = comparison === null || comparison.passes ? '' : `: ${comparison.reasons.join('; ')}`;
  return `${version} is a candidate; the version before goes on serving until it is promoted${why}`;
}

/** Tells how a training goes on, in a job's story. */
export function progressTeller(clock: Clock, say: Say): (progress: TrainingProgress) => void {
  let step = 0;
  return (progress) => {
    if (progress.stage === 'embedding') {
      const share = progress.done / progress.total;
      if (share < step + EMBEDDED_STEP && share < 1) return;
      step = share === 1 ? 0 : share;
    }
    void say(eventOf(clock.now(), wordsOf(progress), { ...progress }));
  };
}

function readWords({
  rows,
  labels,
  leftOut,
}: Extract<TrainingProgress, { stage: 'read' }>): string {
  const named = labels === 0 ? '' : ` with ${counted(labels, 'label')}`;
  const without = leftOut === 0 ? '' : `; ${counted(leftOut, 'row')} left out`;
  return `${counted(rows, 'row')}${named}${without}`;
}

function wordsOf(progress: TrainingProgress): string {
  switch (progress.stage) {
    case 'read':
      return readWords(progress);
    case 'embedding':
      return `embedding: ${progress.done} of ${progress.total} texts`;
    case 'rung': {
      const { rung, accuracy, accuracyLow, accuracyHigh } = progress.rung;
      const share = (value: number) => (100 * value).toFixed(1);
      return `${rung}: ${share(accuracy)} % right on held-out rows (${share(accuracyLow)} – ${share(accuracyHigh)})`;
    }
  }
}

/** Tells how the generalist goes on. */
export function generalistTeller(
  clock: Clock,
  say: Say,
): (done: number, total: number, model: string) => void {
  return (done, total, model) => {
    if (done % ASKED_STEP !== 0 && done !== total) return;
    const words = `${model} answers the same rows: ${done} of ${total}`;
    void say(eventOf(clock.now(), words, { stage: 'generalist', model, done, total }));
  };
}
