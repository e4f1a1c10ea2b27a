import type { ChatMessage } from '../core/chat.ts';

export interface Pin {
  readonly spoke: string;
  /** `tool-loop`: the last message is a tool result, its asker must read it. */
  readonly why: 'session' | 'tool-loop';
  /** Prompt tokens that it has read already and may still hold in its prefix cache; absent = none. */
  readonly cachedTokens?: number;
}

interface Kept {
  readonly spoke: string;
  readonly tokens: number;
}

/** Shorter ids of tool calls are counted, not drawn: `call_0` is in many conversations. */
const SHORTEST_CALL = 12;

/** Longer session names are not remembered: names × this bounds the memory (2 MB by default). */
const LONGEST_NAME = 200;

/** What follows the key tells calls from sessions, whose names follow a space. */
function callName(key: string, call: string): string {
  return `${key}\ttool ${call}`;
}

/** Which spoke a session is on; the sessions longest unused are forgotten first. */
export class Pins {
  readonly #spokes = new Map<string, Kept>();
  readonly #capacity: number;

  /** `capacity` sessions, at least 1; RangeError otherwise. */
  constructor(capacity = 10_000) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`pins need room for at least one session, not ${capacity}`);
    this.#capacity = capacity;
  }

  find(session: string, messages: readonly ChatMessage[]): Pin | undefined {
    const kept = this.#spokes.get(session);
    if (kept === undefined) return undefined;
    this.keep(session, kept.spoke, kept.tokens);
    return {
      spoke: kept.spoke,
      why: messages.at(-1)?.role === 'tool' ? 'tool-loop' : 'session',
      ...(kept.tokens === 0 ? {} : { cachedTokens: kept.tokens }),
    };
  }

  /** `tokens`: of the prompt and the answer so far, which the spoke has in its cache now. */
  keep(session: string, spoke: string, tokens = 0): void {
    if (session === '' || session.length > LONGEST_NAME) return;
    // Deleting first moves the session to the end: a Map remembers the order of insertion.
    this.#spokes.delete(session);
    this.#spokes.set(session, { spoke, tokens });
    if (this.#spokes.size <= this.#capacity) return;
    const oldest = this.#spokes.keys().next();
    if (!oldest.done) this.#spokes.delete(oldest.value);
  }

  /** The spoke that called the tool whose result ends the messages, for a caller without a session. */
  findCaller(key: string, messages: readonly ChatMessage[]): Pin | undefined {
    const last = messages.at(-1);
    if (last?.role !== 'tool' || last.toolCallId.length < SHORTEST_CALL) return undefined;
    return this.find(callName(key, last.toolCallId), messages);
  }

  /** Remembers who called tools, each call by its id. */
  keepCaller(key: string, calls: Iterable<string>, spoke: string, tokens: number): void {
    for (const id of calls)
      if (id.length >= SHORTEST_CALL) this.keep(callName(key, id), spoke, tokens);
  }
}
