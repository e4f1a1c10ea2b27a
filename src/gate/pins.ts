import type { ChatMessage } from '../core/chat.ts';

export interface Pin {
  readonly spoke: string;
  /** `tool-loop`: the last message is a tool result, its asker must read it. */
  readonly why: 'session' | 'tool-loop';
}

/** Longer session names are not remembered: names × this bounds the memory (2 MB by default). */
const LONGEST_NAME = 200;

/** Which spoke a session is on; the sessions longest unused are forgotten first. */
export class Pins {
  readonly #spokes = new Map<string, string>();
  readonly #capacity: number;

  /** `capacity` sessions, at least 1; RangeError otherwise. */
  constructor(capacity = 10_000) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`pins need room for at least one session, not ${capacity}`);
    this.#capacity = capacity;
  }

  find(session: string, messages: readonly ChatMessage[]): Pin | undefined {
    const spoke = this.#spokes.get(session);
    if (spoke === undefined) return undefined;
    this.keep(session, spoke);
    return { spoke, why: messages.at(-1)?.role === 'tool' ? 'tool-loop' : 'session' };
  }

  keep(session: string, spoke: string): void {
    if (session === '' || session.length > LONGEST_NAME) return;
    // Deleting first moves the session to the end: a Map remembers the order of insertion.
    this.#spokes.delete(session);
    this.#spokes.set(session, spoke);
    if (this.#spokes.size <= this.#capacity) return;
    const oldest = this.#spokes.keys().next();
    if (!oldest.done) this.#spokes.delete(oldest.value);
  }
}
