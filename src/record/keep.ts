import type { CadreEvent } from '../core/events.ts';
import type { Passage } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';
import { wordlessCheck, wordlessMessage } from './wordless.ts';

/** A replay shows the first events of a request and its end; between them, at most this many. */
const EVENTS_MAX = 5000;

/**
 * The events that are stored for replay, whatever the caller lets keep. Nothing of the request, the
 * answer or the documents is in them: text deltas are gone, tool calls, steps, passages and checks
 * keep their shape without their words. Reasons are those of the request's stored receipt.
 */
export function eventsToKeep(
  events: readonly CadreEvent[],
  receipt: Pick<Receipt, 'attempts' | 'abstention'>,
): readonly CadreEvent[] {
  return boundedEvents(events.flatMap((event) => withoutText(event, receipt)));
}

/** The events as they were, for a key that keeps text; at most 5000, the end is always there. */
export function boundedEvents(events: readonly CadreEvent[]): readonly CadreEvent[] {
  if (events.length <= EVENTS_MAX) return [...events];
  return [...events.slice(0, EVENTS_MAX - 100), ...events.slice(-100)];
}

function withoutText(
  event: CadreEvent,
  receipt: Pick<Receipt, 'attempts' | 'abstention'>,
): readonly CadreEvent[] {
  switch (event.type) {
    case 'text-delta':
    case 'thinking-delta':
      return [];
    case 'tool-call-delta': {
      const { extra: _extra, ...call } = event;
      return call.name === undefined ? [] : [{ ...call, arguments: '' }];
    }
    case 'source-found':
      return [{ ...event, passage: wordless(event.passage) }];
    case 'reading-step':
      return [{ ...event, step: { ...event.step, asked: '' } }];
    case 'reading-ended':
      return [{ ...event, parts: event.parts.map((part) => ({ ...part, asked: '' })) }];
    case 'check-passed':
    case 'check-failed':
      return [{ ...event, result: wordlessCheck(event.result) }];
    case 'route-escalated': {
      const attempt = receipt.attempts.find((one) => one.spoke === event.from);
      return [{ ...event, reason: attempt?.reason ?? '' }];
    }
    case 'plan-made':
      return [{ ...event, steps: event.steps.map((step) => ({ ...step, instruction: '' })) }];
    case 'step-ended':
      return [{ ...event, text: '' }];
    case 'answer-abstained': {
      const { reason = '' } = receipt.abstention ?? {};
      const nearest = event.abstention.nearest.map(wordless);
      return [{ ...event, abstention: { reason, nearest } }];
    }
    case 'request-failed':
    case 'attempt-failed':
      return [{ ...event, message: wordlessMessage(event.code, event.message) }];
    default:
      return [event];
  }
}

function wordless(passage: Passage): Passage {
  const { via: _via, ...rest } = passage;
  const sentences = passage.sentences.map(({ title: _title, ...one }) => ({
    ...one,
    text: '',
    headings: [],
  }));
  return { ...rest, sentences };
}
