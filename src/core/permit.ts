import type { Label } from './label.ts';

/**
 * Leave to open one outbound connection. Only policy makes one, adapters/egress refuses a call
 * without one. It is proved by its identity: policy knows the objects that it issued, a copy is void.
 */
export interface Permit {
  /** Id of a configured destination, or `registry:npm`, `registry:hf` … for model sources. */
  readonly destination: string;
  readonly label: Label;
  readonly requestId: string;
  /** US dollars that the call may cost at most. */
  readonly budget: number;
  /** Milliseconds since the epoch after which the permit is void. */
  readonly expires: number;
}
