import { z } from 'zod';

const share = z.number().gt(0).lt(1);
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex');
const instant = z.iso.datetime();

/** What was shown for one part of the traffic. */
export const certifiedSliceSchema = z.strictObject({
  /** `*` = everything that has no slice of its own. */
  slice: z.string().min(1),
  /** Graded requests. */
  rows: count,
  /** Those on which the reference is right, and those of them that the choice got wrong. */
  right: count,
  lost: count,
  /** The part of the certificate's `delta` that this slice uses. */
  delta: share,
  /** Upper bound of lost / right at `delta`, 0 … 1. */
  bound: z.number().min(0).max(1),
  /** Expected loss up to which a cheaper model is asked; null = the reference alone. */
  threshold: z.number().nullable(),
  /** Share of the slice's rows that the reference did not answer. */
  keptCheap: z.number().min(0).max(1),
  /** Graded requests that are missing before anything can be shown. */
  missing: count,
});
export type CertifiedSliceRow = z.infer<typeof certifiedSliceSchema>;

/** A target that the choice keeps with confidence, found without a look at the grades. */
export const keptTargetSchema = z.strictObject({
  /** US dollars per 1,000 requests; milliseconds that 95 of 100 requests take at most. */
  of: z.enum(['dollars', 'latency']),
  limit: z.number().positive(),
  /** US dollars that one request can cost at most: what the promise takes for granted. */
  mostPerRequest: z.number().positive().optional(),
});
export type KeptTarget = Readonly<z.infer<typeof keptTargetSchema>>;

/**
 * What was shown about a gate on graded requests: at the thresholds of its slices it loses at most
 * `alpha` of what the reference gets right, in all slices at once, with confidence 1 − `delta`.
 */
export const gateCertificateSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('gate-loss'),
  alpha: share,
  delta: share,
  /** Model whose right answers are the measure. */
  reference: z.string().min(1),
  /** All models that the gate chooses among. */
  models: z.array(z.string().min(1)).min(1),
  /** SHA-256 of the gate's file: another gate has another meaning of every threshold. */
  gate: sha256,
  /** SHA-256 of the graded requests. */
  data: sha256,
  slices: z.array(certifiedSliceSchema).min(1),
  /** What the thresholds were chosen for, where not for the loss: `alpha` is what may be lost then. */
  target: keptTargetSchema.optional(),
  madeAt: instant,
  /** After this the traffic may have changed: nothing is promised any more. */
  expiresAt: instant,
  /** Version of Cadre that made it. */
  code: z.string().min(1),
  /** SHA-256 of the certificate without this field, as canonical JSON (`sealedText`). */
  seal: sha256,
});
export type GateCertificate = z.infer<typeof gateCertificateSchema>;

/** The text that is sealed: keys in the schema's order, without white space. */
export function sealedText(certificate: Omit<GateCertificate, 'seal'>): string {
  const { seal: _, ...parts } = gateCertificateSchema.parse({
    ...certificate,
    seal: '0'.repeat(64),
  });
  return JSON.stringify(parts);
}
