import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';

/** An answer with all that came beside its text. */
export interface Answer {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly receipt?: Receipt;
  readonly abstained?: Abstention;
}

/** What a command reads from one chunk of a chat stream with events. */
export interface ChatChunk {
  readonly text: string;
  readonly event?: CadreEvent;
  readonly citations: readonly Citation[];
  /** The last chunk: its citations are all of the answer's, also those that came with its text. */
  readonly isSummary: boolean;
}

/** Reads one `data:` object of /v1/chat/completions with `x-cadre-events: 1`. */
export function readChunk(value: unknown): ChatChunk {
  const chunk = value as {
    choices?: readonly { delta?: { content?: string | null } }[];
    cadre?: { event?: CadreEvent; citations?: readonly Citation[]; receipt?: string };
  };
  const text = chunk.choices?.[0]?.delta?.content ?? '';
  const citations = chunk.cadre?.citations ?? [];
  const read = { text, citations, isSummary: chunk.cadre?.receipt !== undefined };
  return chunk.cadre?.event === undefined ? read : { ...read, event: chunk.cadre.event };
}
