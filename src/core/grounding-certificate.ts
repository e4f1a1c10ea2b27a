import { z } from 'zod';

const share = z.number().gt(0).lt(1);
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex');
const instant = z.iso.datetime();

/**
 * What was shown about the support check on judged sentences: of those that it lets pass at
 * `threshold`, at most `alpha` are unsupported, with confidence 1 − `delta`, for sentences drawn
 * like those of the file.
 */
export const groundingCertificateSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('grounding'),
  alpha: share,
  delta: share,
  /** Least P(supported) that is shown. */
  threshold: z.number().min(0).max(1),
  /** Judged sentences, those that pass, and those of them that are unsupported. */
  rows: count,
  shown: count,
  unsupported: count,
  /** Exact upper bound of the unsupported share at `delta`. */
  bound: z.number().min(0).max(1),
  /** SHA-256 of the scorer: another one has another meaning of every threshold. */
  scorer: sha256,
  /** Embedder of the scores; absent = by words alone. */
  embedder: z.string().min(1).optional(),
  /** SHA-256 of the judged sentences. */
  data: sha256,
  madeAt: instant,
  /** After this the traffic may have changed: nothing is promised any more. */
  expiresAt: instant,
  /** Version of Cadre that made it. */
  code: z.string().min(1),
  /** SHA-256 of the certificate without this field, as canonical JSON (`sealedGrounding`). */
  seal: sha256,
});
export type GroundingCertificate = z.infer<typeof groundingCertificateSchema>;

/** The text that is sealed: keys in the schema's order, without white space. */
export function sealedGrounding(certificate: Omit<GroundingCertificate, 'seal'>): string {
  const { seal: _, ...parts } = groundingCertificateSchema.parse({
    ...certificate,
    seal: '0'.repeat(64),
  });
  return JSON.stringify(parts);
}
