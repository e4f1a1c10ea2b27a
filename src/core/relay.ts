import type { Dialect, JsonObject } from './chat.ts';

/** A field of a JSON object in its text: bytes [start, end) from the name's quote to the value's end. */
export interface JsonMember {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Fields of a body that a relay sets anew or leaves out: the caller's own never leave. */
export const REPLACED_FIELDS = [
  'model',
  'max_tokens',
  'max_completion_tokens',
  'stream_options',
  'cadre',
] as const;

/**
 * What a server hands down with a request whose answer may pass through as it comes: one upstream of
 * the same wire format, nothing to check on the way. Everything else of the request's life (policy,
 * gate, permit, budget, receipt) is the same.
 */
export interface Relay {
  readonly dialect: Dialect;
  /** The answer comes in pieces, not whole. */
  readonly stream: boolean;
  /** The body as it came: the text of one JSON object in UTF-8. */
  readonly body: Uint8Array;
  /** The body's own fields in their order. */
  readonly members: readonly JsonMember[];
  /** The same, parsed; no object in it repeats a key, so it says all that the text says. */
  readonly fields: JsonObject;
  readonly sink: RelaySink;
}

export interface RelayWish {
  readonly relay: Relay;
  readonly maxTokens: number;
  /** Estimated; counts where the server reports no usage. */
  readonly promptTokens: number;
}

/** Where a relayed answer goes; the caller's last byte waits for the receipt all the same. */
export interface RelaySink {
  /**
   * The JSON text of one piece, as the upstream wrote it; `end` says how the answer ended and `after`
   * follows it. A promise while the reader is behind.
   */
  piece(data: string, place: 'middle' | 'end' | 'after'): Promise<void> | undefined;
  whole(answer: JsonObject): void;
}
