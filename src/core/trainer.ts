import { z } from 'zod';

/** The version of what a trainer is told and tells; an order names it. */
export const TRAINER_CONTRACT = 1;

/** What a trainer is told; trainers/README.md tells it to who writes one. */
export type TrainerOrder = {
  readonly contract: typeof TRAINER_CONTRACT;
  /** The local model that the adapter is for. */
  readonly base: { readonly id: string; readonly path: string; readonly sha256: string };
  /** JSON lines, each {"messages": […]}; the last message is the answer that is taught. */
  readonly data: { readonly path: string; readonly sha256: string; readonly rows: number };
  readonly seed: number;
  /** Everything that it writes goes here. An earlier start of the same order may have left something. */
  readonly folder: string;
  readonly limits: {
    /** Until it should have ended by itself. */
    readonly minutes: number;
    /** Of the adapter's file at most. */
    readonly bytes: number;
    /** Of one row at most. */
    readonly tokens: number;
    readonly threads: number;
  };
  /** The trainer's own, as the configuration has them. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
};

const WORDS_MOST = 500;
const words = z.string().transform((text) => text.slice(0, WORDS_MOST));

/** One line of its output; fields beside these are passed over. */
export const trainerLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), text: words }),
  z.object({
    type: z.literal('progress'),
    step: z.int().nonnegative(),
    steps: z.int().positive(),
    loss: z.number().optional(),
  }),
  z.object({ type: z.literal('checkpoint'), step: z.int().nonnegative() }),
  z.object({ type: z.literal('failed'), message: words }),
]);
export type TrainerLine = z.infer<typeof trainerLineSchema>;

/** What it leaves in `result.json`. */
export const trainerResultSchema = z.object({
  /** Of adapter.gguf, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  steps: z.int().nonnegative(),
  loss: z.number().optional(),
});
export type TrainerResult = z.infer<typeof trainerResultSchema>;

/** Names in the order's folder. */
export const ADAPTER_FILE = 'adapter.gguf';
export const RESULT_FILE = 'result.json';

export interface TrainerOptions {
  /** Ends it; what it has kept lets a later start go on. */
  readonly signal: AbortSignal;
  readonly onLine?: (line: TrainerLine) => void;
}

/** A program that makes an adapter. */
export interface Trainer {
  readonly id: string;
  /**
   * The adapter lies in the folder of the order, with the hash and at most the size that the result
   * says; nothing else of it is proven. Rejects with `trainer_failed`, or the signal's reason; the
   * program is gone then, too.
   */
  doTrain(order: TrainerOrder, options: TrainerOptions): Promise<TrainerResult>;
}
