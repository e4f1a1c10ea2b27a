import type { CheckResult } from '../core/decision.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Passage } from '../core/evidence.ts';
import { withoutQuotes } from './quotes.ts';

/** A replay shows the first events of a request and its end; between them, at most this many. */
const EVENTS_MAX = 5000;

/**
 * The events that are stored for replay. Without leave to keep text nothing of the request, the
 * answer or the documents is in them: text deltas are gone, tool calls, steps, passages and checks
 * keep their shape without their words.
 */
export function eventsToKeep(
  events: readonly CadreEvent[],
  keepsText: boolean,
): readonly CadreEvent[] {
  const kept = keepsText ? [...events] : events.flatMap(withoutText);
  if (kept.length <= EVENTS_MAX) return kept;
  return [...kept.slice(0, EVENTS_MAX - 100), ...kept.slice(-100)];
}

function withoutText(event: CadreEvent): readonly CadreEvent[] {
  switch (event.type) {
    case 'text-delta':
      return [];
    case 'tool-call-delta':
      return event.name === undefined ? [] : [{ ...event, arguments: '' }];
    case 'source-found':
      return [{ ...event, passage: wordless(event.passage) }];
    case 'check-passed':
    case 'check-failed':
      return [{ ...event, result: sentenceless(event.result) }];
    case 'route-escalated':
      return [{ ...event, reason: withoutQuotes(event.reason) }];
    case 'plan-made':
      return [{ ...event, steps: event.steps.map((step) => ({ ...step, instruction: '' })) }];
    case 'step-ended':
      return [{ ...event, text: '' }];
    case 'answer-abstained': {
      const { reason, nearest } = event.abstention;
      const abstention = { reason: withoutQuotes(reason), nearest: nearest.map(wordless) };
      return [{ ...event, abstention }];
    }
    default:
      return [event];
  }
}

function wordless(passage: Passage): Passage {
  const sentences = passage.sentences.map((one) => ({ ...one, text: '', headings: [] }));
  return { ...passage, sentences };
}

function sentenceless(result: CheckResult): CheckResult {
  const { sentence: _sentence, ...rest } = result;
  return { ...rest, detail: withoutQuotes(result.detail) };
}
