import type { CadreEvent } from '../../src/core/events.ts';
import type { Citation } from '../../src/core/evidence.ts';
import type { Receipt } from '../../src/core/receipt.ts';

export interface TimedEvent {
  readonly event: CadreEvent;
  /** Milliseconds since the question was sent, as this browser saw it; unknown when it is a replay. */
  readonly ms: number | undefined;
}

/** One question with all that has happened to it so far. */
export interface Turn {
  readonly id: number;
  readonly question: string;
  /** The name that was asked for. */
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly events: readonly TimedEvent[];
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly problem?: { readonly message: string; readonly code: string };
  readonly receipt?: Receipt;
}

/** One `data:` object of a streamed chat completion with the farm's additions. */
export interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly cadre?: { readonly event?: CadreEvent; readonly citations?: readonly Citation[] };
}

type EventType = CadreEvent['type'];
type EventOf<T extends EventType> = Extract<CadreEvent, { type: T }>;

export function newTurn(id: number, question: string, model: string, startedAt: number): Turn {
  return { id, question, model, startedAt, text: '', citations: [], events: [], state: 'running' };
}

/** The turn after one more chunk. */
export function growTurn(turn: Turn, chunk: Chunk, ms: number): Turn {
  const event = chunk.cadre?.event;
  if (event !== undefined) return addEvent(turn, event, ms);
  const content = chunk.choices?.[0]?.delta?.content ?? '';
  if (content === '') return turn;
  return {
    ...turn,
    text: turn.text + content,
    citations: [...turn.citations, ...(chunk.cadre?.citations ?? [])],
  };
}

export function addEvent(turn: Turn, event: CadreEvent, ms: number | undefined): Turn {
  const last = turn.events.at(-1);
  // A load reports more than a hundred steps: the newest stands for them all, from the first on.
  const repeats =
    event.type === 'model-loading' &&
    last?.event.type === 'model-loading' &&
    last.event.model === event.model;
  const kept = repeats ? turn.events.slice(0, -1) : turn.events;
  const ended = event.type === 'answer-ended' || event.type === 'request-failed';
  return {
    ...turn,
    events: [...kept, { event, ms: repeats ? last.ms : ms }],
    ...(ended ? { receipt: event.receipt } : {}),
  };
}

export function eventOf<T extends EventType>(turn: Turn, type: T): EventOf<T> | undefined {
  return eventsOf(turn, type).at(-1);
}

export function eventsOf<T extends EventType>(turn: Turn, type: T): EventOf<T>[] {
  return turn.events
    .map(({ event }) => event)
    .filter((event): event is EventOf<T> => event.type === type);
}

/** When the first event of a type arrived. */
export function momentOf(turn: Turn, ...types: EventType[]): number | undefined {
  return turn.events.find(({ event }) => types.includes(event.type))?.ms;
}

export function requestIdOf(turn: Turn): string | undefined {
  return turn.receipt?.id ?? eventOf(turn, 'request-accepted')?.id;
}

/** The spoke that answers, as far as is known. */
export function spokeOf(turn: Turn): string | undefined {
  return (
    turn.receipt?.attempts.at(-1)?.spoke ??
    eventOf(turn, 'route-escalated')?.to ??
    eventOf(turn, 'route-decided')?.decision.spoke
  );
}

/** What is going on right now, in words. */
export function activityOf(turn: Turn): string {
  const spoke = spokeOf(turn) ?? 'the model';
  const last = turn.events.at(-1)?.event;
  if (last === undefined) return 'Waiting for the farm …';
  const plan = eventOf(turn, 'plan-made');
  if (plan) {
    const ended = eventsOf(turn, 'step-ended').length;
    const count = plan.steps.length;
    if (ended < count) return `Working on the plan: ${ended} of ${count} steps are done …`;
    return 'Putting the answer together …';
  }
  switch (last.type) {
    case 'request-accepted':
    case 'policy-judged':
      return 'Choosing who answers …';
    case 'model-loading':
      return last.progress < 1
        ? `Loading ${last.model} into memory …`
        : `${spoke} reads the question …`;
    case 'route-decided':
      return spoke === 'hub' ? 'The hub makes a plan …' : `Waiting for ${spoke} …`;
    case 'route-escalated':
      return `Asking ${last.to} instead …`;
    case 'source-found':
      return `${spoke} reads the passages and the question …`;
    case 'answer-abstained':
      return 'Declined.';
    default:
      return turn.text === ''
        ? `${spoke} writes; each sentence is checked before it is shown …`
        : `${spoke} writes …`;
  }
}
