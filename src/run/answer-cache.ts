import type { TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';

/** A complete answer, as it can be given again. */
export interface KeptAnswer {
  /** Receipt of the request that was computed. */
  readonly receipt: string;
  readonly events: readonly CadreEvent[];
  readonly usage: TokenUsage;
  readonly confidence?: number;
  /** When it was complete, milliseconds. */
  readonly at: number;
}

/** Of the whole; a larger answer is not kept, so that one cannot push out all others. */
const LARGEST_SHARE = 8;
/** An entry's objects besides its text. */
const ENTRY_BYTES = 500;
const EVENT_BYTES = 100;

/** Kept answers within a bound of bytes and age; the one unused for longest goes first. In memory only. */
export class AnswerCache {
  readonly #most: number;
  readonly #ageMs: number;
  /** The youngest use last. */
  readonly #entries = new Map<string, { readonly answer: KeptAnswer; readonly bytes: number }>();
  readonly #onDropped: (key: string) => void;
  #bytes = 0;

  /** `onDropped` is told the key of each answer that is not kept any more. */
  constructor(
    limits: { readonly bytes: number; readonly seconds: number },
    onDropped: (key: string) => void = () => undefined,
  ) {
    this.#most = limits.bytes;
    this.#ageMs = limits.seconds * 1000;
    this.#onDropped = onDropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Largest answer that is kept. */
  get largest(): number {
    return this.#most / LARGEST_SHARE;
  }

  find(key: string, now: number): KeptAnswer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (now - entry.answer.at > this.#ageMs) {
      this.drop(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.answer;
  }

  /** False where it is too large to be kept. */
  put(key: string, answer: KeptAnswer): boolean {
    this.drop(key);
    const events = compacted(answer.events);
    const bytes = events.reduce((sum, event) => sum + bytesOf(event), ENTRY_BYTES + 2 * key.length);
    if (bytes > this.largest) return false;
    this.#entries.set(key, { answer: { ...answer, events }, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#most) break;
      this.drop(oldest);
    }
    return true;
  }

  drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
    this.#onDropped(key);
  }
}

/** About the bytes that an event takes in memory: two per character. */
export function bytesOf(event: CadreEvent): number {
  if (isPlainText(event)) return EVENT_BYTES + 2 * event.text.length;
  return EVENT_BYTES + 2 * JSON.stringify(event).length;
}

/** Progress is left out, pieces of plain text are joined. */
function compacted(events: readonly CadreEvent[]): CadreEvent[] {
  const kept: CadreEvent[] = [];
  for (const event of events) {
    if (event.type === 'model-loading' || event.type === 'prompt-read') continue;
    const last = kept.at(-1);
    if (isPlainText(event) && last && isPlainText(last) && last.choice === event.choice)
      kept[kept.length - 1] = { ...last, text: last.text + event.text };
    else kept.push(event);
  }
  return kept;
}

function isPlainText(event: CadreEvent): event is Extract<CadreEvent, { type: 'text-delta' }> {
  return (
    event.type === 'text-delta' && event.citations === undefined && event.logprobs === undefined
  );
}
