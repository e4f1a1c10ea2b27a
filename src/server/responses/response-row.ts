import type { ObjectRow } from '../../core/objects.ts';
import type { Item } from './response-items.ts';
import type { WireResponse } from './response-wire.ts';

/** Body of a stored response. */
export type StoredResponse = {
  readonly response: WireResponse;
  /** What this request added to the conversation; what came before is in the response before. */
  readonly input: readonly Item[];
  /** Present while it runs in the background. */
  readonly run?: {
    /** Process that runs it. */
    readonly node: string;
    /** When it must have ended; milliseconds since the epoch. */
    readonly until: number;
  };
};

export type ResponseRow = ObjectRow & { readonly body: StoredResponse };
