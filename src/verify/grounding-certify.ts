import { parsedJson } from '../base/parsed-json.ts';
import { rowsNeeded, singleStart, walkSequence } from '../base/risk-control.ts';
import { binomialTail, binomialUpperBound } from '../base/statistics.ts';
import {
  type GroundingCertificate,
  groundingCertificateSchema,
  sealedGrounding,
} from '../core/grounding-certificate.ts';
import type { GroundingOutcome } from './grounding-report.ts';

/** At most `alpha` of the shown sentences are unsupported, with confidence 1 − `delta`. */
export interface GroundingPromise {
  readonly alpha: number;
  readonly delta: number;
}

export interface CertifiedGrounding {
  readonly threshold: number;
  readonly rows: number;
  readonly shown: number;
  readonly unsupported: number;
  /** Exact upper bound of the unsupported share at `delta`. */
  readonly bound: number;
}

/** Thresholds that are tried, in hundredths; fixed before any label is seen. */
const STEPS = 99;

/**
 * Learn-then-Test (Angelopoulos et al., arXiv:2110.01052, §3) from the strictest threshold on: the
 * lowest one at which the promise is shown, by exact binomial tails, while it was at all before it.
 * It begins where enough sentences pass to show anything, which the scores alone tell. Valid for
 * sentences drawn independently that the scorer was not fitted on. Undefined where nothing can be
 * shown.
 */
export function certifyGrounding(
  outcomes: readonly Pick<GroundingOutcome, 'score' | 'isSupported'>[],
  { alpha, delta }: GroundingPromise,
): CertifiedGrounding | undefined {
  const least = rowsNeeded(alpha, delta);
  const tallies = Array.from({ length: STEPS }, (_, step) => {
    const threshold = (STEPS - step) / 100;
    const shown = outcomes.filter((one) => one.score >= threshold);
    const unsupported = shown.filter((one) => !one.isSupported).length;
    return { threshold, shown: shown.length, unsupported };
  }).filter((one) => one.shown >= least);
  const levels = walkSequence(singleStart(tallies.length, delta), (step) => {
    const { shown = 0, unsupported = 0 } = tallies[step] ?? {};
    return binomialTail(unsupported, shown, alpha);
  });
  const found = tallies[levels.findLastIndex((level) => level > 0)];
  if (found === undefined) return undefined;
  const bound = binomialUpperBound(found.unsupported, found.shown, delta);
  return { ...found, rows: outcomes.length, bound };
}

/** SHA-256 of text, hex; rooms have no cryptography of their own. */
type HashText = (text: string) => string;

export function sealGrounding(
  parts: Omit<GroundingCertificate, 'version' | 'kind' | 'seal'>,
  hash: HashText,
): GroundingCertificate {
  const certificate = { version: 1 as const, kind: 'grounding' as const, ...parts };
  return groundingCertificateSchema.parse({
    ...certificate,
    seal: hash(sealedGrounding(certificate)),
  });
}

export type GroundingReading =
  | { readonly certificate: GroundingCertificate }
  /** Why it is not in force, in words. */
  | { readonly problem: string };

/**
 * The certificate of a file's text, or why it is not in force. Seal and bound are worked out again,
 * so that a figure that was changed by accident or by hand promises nothing.
 */
export function readGroundingCertificate(
  text: string | undefined,
  wish: {
    readonly promise: number;
    readonly scorer: string;
    readonly embedder: string | undefined;
    /** Milliseconds since the epoch. */
    readonly now: number;
  },
  hash: HashText,
): GroundingReading {
  if (text === undefined) return { problem: 'there is no certificate of the support check' };
  const parsed = groundingCertificateSchema.safeParse(parsedJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      problem: `the certificate is damaged (${issue?.path.join('.') || 'the file'}: ${issue?.message})`,
    };
  }
  const { seal, ...sealed } = parsed.data;
  if (hash(sealedGrounding(sealed)) !== seal)
    return { problem: 'the certificate was changed after it was made: its seal is broken' };
  const { alpha, delta, shown, unsupported, expiresAt } = sealed;
  if (binomialUpperBound(unsupported, shown, delta) > alpha + 1e-9)
    return { problem: `${unsupported} of ${shown} unsupported do not show the promise` };
  if (alpha > wish.promise + 1e-9)
    return {
      problem: `the certificate promises ${percent(alpha)}, ${percent(wish.promise)} is asked`,
    };
  if (sealed.scorer !== wish.scorer)
    return { problem: 'the certificate was made for another scorer' };
  if (sealed.embedder !== wish.embedder)
    return {
      problem: `the certificate was made with the embedder ${sealed.embedder ?? 'none'}, the farm has ${wish.embedder ?? 'none'}`,
    };
  if (wish.now >= Date.parse(expiresAt))
    return { problem: `the certificate expired at ${expiresAt}` };
  return { certificate: parsed.data };
}

/** The promise in one sentence. */
export function groundingPromiseWords({
  alpha,
  delta,
}: Pick<GroundingCertificate, 'alpha' | 'delta'>): string {
  return `at most ${percent(alpha)} of the shown sentences unsupported, ${percent(1 - delta)} confidence`;
}

function percent(value: number): string {
  return `${Number((100 * value).toFixed(1))} %`;
}
