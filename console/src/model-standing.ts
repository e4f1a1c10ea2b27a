import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { FleetMove } from '../../src/core/fleet-tally.ts';
import { formatAge, formatMs } from './format.ts';

const STATES: Readonly<Record<ModelStatus['state'], { colour: string; words: string }>> = {
  resident: { colour: 'bg-primary text-primary-foreground', words: 'In memory.' },
  loading: { colour: 'bg-sky-700 text-white', words: 'On its way into memory.' },
  pulling: { colour: 'bg-sky-700 text-white', words: 'Being fetched.' },
  installed: { colour: 'bg-muted', words: 'On disk; the first request loads it.' },
  absent: { colour: 'border border-input', words: 'Not installed.' },
  damaged: { colour: 'bg-bad-soft text-bad', words: 'The file is damaged; fetch it again.' },
  failed: {
    colour: 'bg-caution-soft text-caution',
    words: 'On disk, but its process stopped; the next request starts it again.',
  },
};

/** Where a model stands: a word, its colour, and a sentence that is told beside figures, too, where the state is not all. */
export function standingOf(
  { state, queuedRequests, loadMs }: Pick<ModelStatus, 'state' | 'queuedRequests' | 'loadMs'>,
  lastMove?: FleetMove,
) {
  if (state === 'installed' && queuedRequests > 0)
    return {
      name: 'queued',
      colour: 'bg-caution-soft text-caution',
      words: 'Its requests wait for room in memory',
      isTold: true,
    };
  if (state === 'installed' && lastMove?.act === 'evicted')
    return {
      name: 'evicted',
      colour: 'border border-input',
      words: `Gave way to others ${formatAge(lastMove.at)}; its next request loads it again${loadMs === undefined ? '' : `, last time in ${formatMs(loadMs)}`}`,
      isTold: true,
    };
  return { name: state, ...STATES[state], isTold: false };
}
