import type { FinishReason } from '../core/chat.ts';
import type { PolicyVerdict } from '../core/decision.ts';
import type { CadreError } from '../core/errors.ts';
import type { Contradiction, Passage } from '../core/evidence.ts';
import type { Delegate } from '../core/ports.ts';
import type { ReadingPart } from '../core/reading.ts';
import type { AttemptCause } from '../core/receipt.ts';
import type { Checking } from './assess.ts';
import type { SpokeRuntime } from './parts.ts';

/**
 * When text is shown: `at-once` on unchecked routes; `by-sentence`, each after its own checks;
 * `whole` where only the complete answer can be checked (JSON) or carries what was asked (log-probabilities).
 */
export type ReleaseMode = 'at-once' | 'by-sentence' | 'whole';

export interface AttemptPlan {
  readonly spoke: SpokeRuntime;
  readonly verdict: PolicyVerdict;
  readonly passages: readonly Passage[];
  /** Sentences of the passages that cannot both hold. */
  readonly contradictions?: readonly Contradiction[];
  /** Parts of the question, where it has several. */
  readonly parts?: readonly ReadingPart[];
  readonly choice: number;
  readonly release: ReleaseMode;
  /** No spoke follows: soft failures are shown and named instead of escalated. */
  readonly last: boolean;
  /** P(right) before the answer was seen. */
  readonly prior: number;
  readonly cause: AttemptCause;
  /** Milliseconds waited before this try. */
  readonly waitedMs?: number;
  readonly probe?: boolean;
  /** Ends this attempt alone; the request's own signal ends it too. */
  readonly signal: AbortSignal;
  /** Runs beside another attempt: who answers is known only with the first word. */
  readonly hedged?: boolean;
  /** Asked once, whatever happens: nobody waits for the answer, and repetitions are for those who do. */
  readonly isOnce?: boolean;
  /** The way to ask the farm something on the side; absent where nothing may be asked. */
  readonly delegate?: Delegate;
  /** On the rungs of a planned cascade. */
  readonly checking?: Checking;
  /** The answer is only compared with another one: it is handed over here and never shown. */
  readonly onHeard?: (text: string) => void;
  /** Called with the model's first word, shown or held. */
  readonly onBegun?: () => void;
  /** Asked before the first word is shown; throws where another attempt was faster. */
  readonly claim?: () => void;
}

export type AttemptResult =
  | {
      readonly outcome: 'released';
      readonly finishReason: FinishReason;
      readonly stopSequence?: string;
      readonly confidence: number;
    }
  /** The checks did not let the answer pass. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Nobody was asked: there is no money left for it, or nothing to stand on. */
  | { readonly outcome: 'unasked'; readonly reason: string }
  /** Trouble before anything was shown. */
  | { readonly outcome: 'failed'; readonly error: CadreError };
