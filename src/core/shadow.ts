import { z } from 'zod';
import type { FinishReason } from './chat.ts';
import { shadowSchema } from './config-shadow.ts';

/** Whose budget and receipts shadow runs are; no API key has this id. */
export const SHADOW_KEY = 'shadow';

/** How two answers could be compared without a person. */
export type ComparedAs = 'label' | 'json' | 'number' | 'choice';

/** What an answered request that was asked again of another spoke showed. */
export interface ShadowOutcome {
  /** Receipt of the request. */
  readonly of: string;
  /** Who answered its caller, and who was asked again. */
  readonly served: string;
  readonly spoke: string;
  /** The kind of request, as drift is watched by it. */
  readonly task: string;
  /** Whose answer is the yardstick; absent where neither is the one to compare with. */
  readonly reference?: string;
  /** Absent where the answers could not be compared. */
  readonly as?: ComparedAs;
  /** 0 … 1: how much of the two is the same. */
  readonly agreement?: number;
  /** The two are versions of one specialist. */
  readonly isVersion?: true;
  /** Of versions that answer with a number: how far off two are the same. */
  readonly tolerance?: number;
  /** What is to be learned of the spokes, 0 … 1 each; none where nothing can be told. */
  readonly grades: readonly { readonly spoke: string; readonly score: number }[];
  /** The result in words, without a word of the answers. */
  readonly words: string;
  /** CPU seconds of this machine that it took; 0 for a remote spoke. */
  readonly seconds: number;
}

/** An answer that was shown, to be compared with what another spoke makes of the same request. */
export interface ShadowOrder
  extends Pick<ShadowOutcome, 'of' | 'served' | 'spoke' | 'task' | 'isVersion' | 'tolerance'> {
  readonly reference?: string;
  readonly text: string;
  readonly finishReason: FinishReason;
}

/** A change of what is set; what is left out stays. `reset`: the configuration counts again. */
export const shadowWishSchema = z
  .strictObject({
    rate: shadowSchema.shape.rate.unwrap().optional(),
    spokes: shadowSchema.shape.spokes.unwrap().optional(),
    budget: shadowSchema.shape.budget.unwrap().optional(),
    seconds: shadowSchema.shape.seconds.unwrap().optional(),
    reset: z.literal(true).optional(),
  })
  .refine(({ reset, ...change }) => reset === undefined || Object.keys(change).length === 0, {
    path: ['reset'],
    message: 'goes back to the configuration; it takes no other change beside it',
  });
export type ShadowWish = Readonly<z.infer<typeof shadowWishSchema>>;

/** How often a spoke said what the one beside it said, in one kind of request. */
export interface ShadowAgreement {
  readonly spoke: string;
  readonly beside: string;
  readonly task: string;
  readonly answers: number;
  /** Of these, answers that could be compared. */
  readonly compared: number;
  /** Mean agreement of the compared ones with its Wilson interval at 95 %; absent where there are none. */
  readonly agreement?: number;
  readonly low?: number;
  readonly high?: number;
}

/** What `cadre gate shadow` tells. */
export interface ShadowStatus {
  readonly rate: number;
  readonly spokes: readonly string[];
  /** US dollars and CPU seconds per day. */
  readonly budget: number;
  readonly seconds: number;
  readonly setBy: 'command' | 'configuration';
  /** Used of them on this day (UTC), what runs now with the most it may take. */
  readonly today: { readonly day: string; readonly dollars: number; readonly seconds: number };
  /** Since the farm started. */
  readonly sampled: number;
  readonly waiting: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** As far back as receipts are kept, the newest 10,000. */
  readonly answers: number;
  readonly graded: number;
  readonly failed: number;
  readonly agreements: readonly ShadowAgreement[];
  /** What keeps it from doing more, in words. */
  readonly notes: readonly string[];
}
