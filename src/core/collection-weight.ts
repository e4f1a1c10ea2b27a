import { z } from 'zod';

/** Queries that a fit learnt from, by how it is known what they should find. */
export interface WeightSignals {
  /** Somebody named the documents. */
  readonly judged: number;
  /** A document was opened from the results. */
  readonly opened: number;
  /** A verified answer that nobody disliked cites some of what it was given. */
  readonly answered: number;
}

/** The weight of meaning that was fitted for a collection. */
export interface CollectionWeight {
  /** 0 … 1; the rest is the weight of the words. */
  readonly dense: number;
  /** Whose meaning it weighs; with another embedder the default counts. */
  readonly embedder: string;
  /** When it was fitted, in milliseconds since the epoch. */
  readonly at: number;
  readonly signals: WeightSignals;
  /** What it finds more than the default did in nDCG@10 of these queries, and what 95 % of such samples exceed. */
  readonly gain: number;
  readonly gainLow: number;
}

export interface WeightFit {
  /** The weight of meaning from now on, 0 … 1. */
  readonly weight: number;
  readonly isChanged: boolean;
  /** Why it is this weight, in words. */
  readonly reason: string;
  /** How many queries of equal trust those are worth. */
  readonly queries: number;
  /** Of the weight that is likeliest to find most. */
  readonly best?: {
    readonly weight: number;
    /** Over the default, in nDCG@10. */
    readonly gain: number;
    /** 95 % of such samples gain more. */
    readonly gainLow: number;
    /** Over words alone or meaning alone, whichever finds more. */
    readonly overBetterLeg: number;
  };
}

/** How a fit ended. */
export interface WeightReport extends WeightFit {
  readonly collection: string;
  /** What is used where nothing is fitted. */
  readonly defaultWeight: number;
  /** In force before. */
  readonly before: number;
  readonly signals: WeightSignals;
  /** Judged documents that the collection has not. */
  readonly unknownDocuments: number;
  readonly isDryRun: boolean;
}

/** Most queries of one fit. */
export const MOST_JUDGED = 5000;

/** What a fit is asked. */
export const weightWishSchema = z.strictObject({
  judged: z
    .array(
      z.strictObject({
        query: z.string().min(1).max(4000),
        documents: z
          .record(z.string().min(1).max(4096), z.number().positive())
          .describe('Path or id of what should be found → how well it fits.'),
      }),
    )
    .max(MOST_JUDGED)
    .default([]),
  dryRun: z.boolean().default(false).describe('Tells what it would do, and changes nothing.'),
  reset: z.boolean().default(false).describe('Back to `ground.denseWeight`.'),
});
export type WeightWish = z.infer<typeof weightWishSchema>;
