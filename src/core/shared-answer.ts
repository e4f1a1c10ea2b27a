import type { TokenUsage } from './chat.ts';

/**
 * How an answer was had without computing it: `hit` = kept from an equal request, `shared` = an
 * equal request was under way, `similar` = kept from a request that means the same.
 */
export type SharedKind = 'hit' | 'shared' | 'similar';

/** Where an answer that was not computed comes from. */
export interface SharedAnswer {
  readonly kind: SharedKind;
  /** Receipt of the request that was computed. */
  readonly receipt: string;
  /** Milliseconds since that answer was complete; 0 when it is still under way. */
  readonly ageMs: number;
  /** What the computed request used; this one used nothing. */
  readonly usage: TokenUsage;
  /** Cosine of the two questions, for `similar`. */
  readonly similarity?: number;
}
