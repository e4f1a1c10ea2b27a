import type { Clock } from '../core/ports.ts';
import type { TrainingEvent } from '../core/training-job.ts';
import type { AdapterProgress } from './adapter-training.ts';
import { eventOf } from './training-story.ts';

/** Steps and rows between two events of a story, as a share of all. */
const STEP = 0.05;
/** What a trainer says for people beyond so many lines is passed over. */
const LOGS_MOST = 30;

type Words = { readonly words: string; readonly data: TrainingEvent['data'] };

/** Puts what happens into a job's story: enough to follow it, and never more than a story holds. */
export function adapterTeller(
  clock: Clock,
  say: (event: Omit<TrainingEvent, 'place'>) => Promise<void>,
): (progress: AdapterProgress) => void {
  const shares = new Map<string, number>();
  let logs = 0;
  const isDue = (stage: string, done: number, total: number) => {
    const share = done / total;
    const last = shares.get(stage);
    if (last !== undefined && share < last + STEP && share < 1) return false;
    shares.set(stage, share);
    return true;
  };
  const told = (progress: AdapterProgress): Words | undefined => {
    if (progress.stage === 'rows') {
      const { rows, measured } = progress;
      return {
        words: `${rows} rows to learn from, ${measured} to measure on, which the trainer does not see`,
        data: { ...progress },
      };
    }
    if (progress.stage === 'trainer') {
      const { line } = progress;
      if (line.type === 'log') logs += 1;
      if (line.type === 'log' && logs <= LOGS_MOST)
        return { words: line.text, data: { stage: 'trainer' } };
      if (line.type !== 'progress' || !isDue('steps', line.step, line.steps)) return undefined;
      const { step, steps, loss } = line;
      return {
        words: `step ${step} of ${steps}${loss === undefined ? '' : `, loss ${loss}`}`,
        data: { stage: 'steps', done: step, total: steps, ...(loss === undefined ? {} : { loss }) },
      };
    }
    const { stage, done, total } = progress;
    if (!isDue(stage, done, total)) return undefined;
    const words =
      stage === 'environment'
        ? `fetching package ${done} of ${total}: ${progress.name}`
        : `measuring: ${done} of ${total} rows`;
    return { words, data: { ...progress } };
  };
  return (progress) => {
    const event = told(progress);
    if (event !== undefined) void say(eventOf(clock.now(), event.words, event.data));
  };
}
