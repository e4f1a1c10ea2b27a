import { z } from 'zod';
import type { GateCertificate } from './gate-certificate.ts';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** How a fitted gate did on rows that it had not seen. */
export const gateReportSchema = z.strictObject({
  version: z.literal(1),
  madeAt: z.iso.datetime(),
  /** SHA-256 of the graded requests. */
  data: z.string(),
  seed: z.int(),
  /** Version of Cadre that fitted it. */
  code: z.string(),
  models: z.array(z.string()).min(1),
  reference: z.string(),
  rows: z.strictObject({
    fitted: count,
    /** Held out: the promise and all figures are theirs. */
    heldOut: count,
    /** Read again under another line number, and left out. */
    duplicates: count,
  }),
  /** Mean scores on the held-out rows. */
  quality: z.strictObject({
    gate: share,
    reference: share,
    bestSingle: share,
    oracle: share,
  }),
  /** Share of the held-out rows that stay off the reference: by slices, and by one promise over all. */
  keptCheap: z.strictObject({ sliced: share, together: share }),
  /** 1 − cost ÷ cost of the reference for everything. */
  saved: z.number(),
  /** Upper bound of what is lost of the reference's right answers; absent without a certificate. */
  lossBound: share.optional(),
  /** Models that joined without a new fit, and the graded requests that each is known by. */
  joined: z.array(z.strictObject({ model: z.string(), rows: count })).optional(),
  /** The whole in one sentence. */
  words: z.string(),
});
export type GateReport = z.infer<typeof gateReportSchema>;

export interface GateVersion {
  readonly version: number;
  readonly inForce: boolean;
  /** It came with the farm; absent = fitted here. */
  readonly origin?: 'starter';
  /** Absent where the gate's file cannot be read. */
  readonly report?: GateReport;
}

/** A spoke that joined a gate by few graded requests. */
export interface JoinedSpoke {
  readonly spoke: string;
  /** Graded requests that it is known by. */
  readonly rows: number;
  /** False: it does not answer under the certificate, until `cadre gate certify` has measured it. */
  readonly isCertified: boolean;
}

/** What `cadre gate show` tells. */
export interface GateStatus {
  /** 0 = no fitted gate: the starter's table decides. */
  readonly version: number;
  readonly versions: readonly GateVersion[];
  /** What is promised for `auto`, in words; one sentence for each part of the traffic. */
  readonly promises: readonly string[];
  /** What was learned from answers since the gate is in force. */
  readonly drift?: {
    /** Graded answers. */
    readonly outcomes: number;
    /** Spokes that fell, and what it did to the promises, in words. */
    readonly alarms: readonly string[];
  };
  /** Spokes that joined the gate in force without a new fit. */
  readonly joined?: readonly JoinedSpoke[];
  /** Behind the promises, with the figures of each part; absent where nothing is certified. */
  readonly certificate?: GateCertificate;
  /** Why the gate that was chosen is not, or not wholly, in force. */
  readonly problem?: string;
}
