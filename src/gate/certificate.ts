import { rowsNeeded } from '../base/risk-control.ts';
import { binomialUpperBound } from '../base/statistics.ts';
import {
  type CertifiedSliceRow,
  type GateCertificate,
  gateCertificateSchema,
  type KeptTarget,
  sealedText,
} from '../core/gate-certificate.ts';
import { REFERENCE_ONLY } from './calibration-set.ts';
import { type CertifiedSlice, type LossPromise, REST } from './certify.ts';
import { targetWords } from './wording.ts';

/** SHA-256 of text, hex; rooms have no cryptography of their own. */
export type HashText = (text: string) => string;

export interface CertificateParts {
  readonly promise: LossPromise;
  readonly slices: readonly CertifiedSlice[];
  readonly target?: KeptTarget;
  readonly reference: string;
  readonly models: readonly string[];
  /** SHA-256 of the gate's file and of the graded requests. */
  readonly gate: string;
  readonly data: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  readonly expiresAt: number;
  readonly code: string;
}

export function makeCertificate(parts: CertificateParts, hash: HashText): GateCertificate {
  const { promise, slices, madeAt, expiresAt, models, ...rest } = parts;
  const certificate = {
    version: 1 as const,
    kind: 'gate-loss' as const,
    ...promise,
    ...rest,
    models: [...models],
    slices: slices.map(rowOf),
    madeAt: new Date(madeAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
  return gateCertificateSchema.parse({ ...certificate, seal: hash(sealedText(certificate)) });
}

function rowOf(one: CertifiedSlice): CertifiedSliceRow {
  const { slice, rows, tally, delta, bound, threshold, keptCheap, missing } = one;
  return {
    slice,
    rows,
    right: tally.whole,
    lost: tally.lost,
    delta,
    bound,
    threshold: threshold === REFERENCE_ONLY ? null : threshold,
    keptCheap,
    missing,
  };
}

/** Why a certificate is not in force. */
export interface CertificateProblem {
  readonly code:
    | 'missing'
    | 'damaged'
    | 'unproven'
    | 'other-gate'
    | 'other-data'
    | 'other-models'
    | 'expired';
  /** What is wrong and what to do, in words. */
  readonly reason: string;
}

/** What the certificate must have been made for. */
export interface CertificateWish {
  readonly gate: string;
  /** Only where the graded requests are at hand. */
  readonly data?: string;
  readonly models: readonly string[];
  readonly reference: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type CertificateReading =
  | { readonly certificate: GateCertificate }
  | { readonly problem: CertificateProblem };

const REMEDY = 'until a new one is made, the reference answers everything';

/**
 * The certificate of a file's text, or why it is not in force: a value, because the safe side, the
 * reference for everything, is always there. Its seal and its bounds are worked out again, so that a
 * figure that was changed by accident or by hand promises nothing.
 */
export function readCertificate(
  text: string | undefined,
  wish: CertificateWish,
  hash: HashText,
): CertificateReading {
  const refuse = (code: CertificateProblem['code'], what: string): CertificateReading => ({
    problem: { code, reason: `${what}; ${REMEDY}` },
  });
  if (text === undefined) return refuse('missing', 'there is no certificate for this gate');
  const parsed = gateCertificateSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') || 'the file';
    return refuse('damaged', `the certificate is damaged (${where}: ${issue?.message})`);
  }
  const certificate = parsed.data;
  const { seal, ...sealed } = certificate;
  if (hash(sealedText(sealed)) !== seal)
    return refuse('damaged', 'the certificate was changed after it was made: its seal is broken');
  const unproven = findUnproven(certificate);
  if (unproven !== undefined) return refuse('unproven', unproven);
  const other = findOther(certificate, wish);
  if (other !== undefined) return refuse(other.code, other.what);
  if (wish.now >= Date.parse(certificate.expiresAt))
    return refuse('expired', `the certificate expired at ${certificate.expiresAt}`);
  return { certificate };
}

function findOther(
  certificate: GateCertificate,
  wish: CertificateWish,
): { readonly code: CertificateProblem['code']; readonly what: string } | undefined {
  if (certificate.gate !== wish.gate)
    return { code: 'other-gate', what: 'the certificate was made for another version of the gate' };
  if (wish.data !== undefined && certificate.data !== wish.data)
    return { code: 'other-data', what: 'the certificate was made from other graded requests' };
  if (certificate.reference !== wish.reference)
    return {
      code: 'other-models',
      what: `the certificate measures against ${certificate.reference}, the reference is ${wish.reference}`,
    };
  const unknown = wish.models.find((model) => !certificate.models.includes(model));
  if (unknown === undefined) return undefined;
  return { code: 'other-models', what: `the certificate knows nothing of the model ${unknown}` };
}

/** What the certificate says without its counts showing it. */
function findUnproven({ alpha, delta, slices }: GateCertificate): string | undefined {
  const names = slices.map((one) => one.slice);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `the certificate has the slice ${twice} twice`;
  const spent = slices.reduce((sum, one) => sum + one.delta, 0);
  if (spent > delta * (1 + 1e-9))
    return `the certificate's slices use a risk of ${spent}, it promises ${delta}`;
  for (const one of slices) {
    if (one.lost > one.right || one.right > one.rows)
      return `the counts of the slice ${one.slice} cannot be`;
    if (one.threshold === null) continue;
    const bound = binomialUpperBound(one.lost, one.right, one.delta);
    if (bound > alpha + 1e-9 || bound > one.bound + 1e-9)
      return `${one.lost} lost of ${one.right} in the slice ${one.slice} show a bound of ${bound.toFixed(4)}, not the promised ${Math.min(alpha, one.bound)}`;
  }
  return undefined;
}

/** Threshold for a request of a slice; `REFERENCE_ONLY` where the certificate promises nothing for it. */
export function thresholdOf(
  { slices }: { readonly slices: readonly Pick<CertifiedSliceRow, 'slice' | 'threshold'>[] },
  slice = REST,
): number {
  return findSlice(slices, slice)?.threshold ?? REFERENCE_ONLY;
}

function findSlice<T extends { readonly slice: string }>(
  slices: readonly T[],
  slice: string,
): T | undefined {
  return slices.find((one) => one.slice === slice) ?? slices.find((one) => one.slice === REST);
}

/** The promise of a slice in one sentence. */
export function promiseWords(certificate: GateCertificate, slice = REST): string {
  const { alpha, delta, reference } = certificate;
  const one = findSlice(certificate.slices, slice);
  const percent = (value: number) => `${Number((100 * value).toFixed(1))} %`;
  if (one === undefined || one.threshold === null) {
    const missing = one?.missing ?? rowsNeeded(alpha, delta);
    const why =
      missing > 0
        ? `at least ${missing} more graded requests are needed`
        : 'no threshold kept the promise on the graded requests';
    return `${reference} answers everything: ${why}`;
  }
  const target = certificate.target === undefined ? '' : `${targetWords(certificate.target)}; `;
  return `${target}loses at most ${percent(alpha)} of what ${reference} gets right, with ${percent(1 - delta)} confidence (${one.lost} of ${one.right} lost, bound ${percent(one.bound)}); ${percent(one.keptCheap)} of the requests stay off ${reference}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
