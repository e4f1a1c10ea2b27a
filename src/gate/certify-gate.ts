import type { GateCertificate } from '../core/gate-certificate.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  expectedLosses,
  savingAt,
  thresholdSteps,
} from './calibration-set.ts';
import { type HashText, makeCertificate, promiseWords, thresholdOf } from './certificate.ts';
import { certifyLoss, certifySlices, type LossPromise, REST } from './certify.ts';

/** A request as an estimator that never saw it reads it. */
export interface ReadRow {
  /** P(right) of each model. */
  readonly probabilities: ArrayLike<number>;
  /** US dollars of each model's answer. */
  readonly costs: ArrayLike<number>;
  readonly slice?: string;
}

export interface GradedRow extends ReadRow {
  /** 0 … 1 of each model; NaN where nobody graded it. */
  readonly scores: ArrayLike<number>;
}

export interface CertifyWish {
  readonly models: readonly string[];
  readonly reference: string;
  readonly promise: LossPromise;
  /** A promise for each slice instead of one for everything. */
  readonly sliced: boolean;
  readonly rows: readonly GradedRow[];
  /** Requests beside them that place the thresholds; they need no grades. */
  readonly apart: readonly ReadRow[];
  /** SHA-256 of the gate's file and of the graded requests. */
  readonly gate: string;
  readonly data: string;
  /** Milliseconds since the epoch, and how long the certificate holds. */
  readonly madeAt: number;
  readonly holdsMs: number;
  readonly code: string;
}

export interface CertifiedGate {
  readonly certificate: GateCertificate;
  /** Share of the rows that stay off the reference, and of its cost that is saved. */
  readonly keptCheap: number;
  readonly saved: number;
  /** The same share under one promise for everything: beside `keptCheap` the price of slices. */
  readonly keptTogether: number;
  /** What is promised, for people: the whole first, then slice by slice. */
  readonly words: readonly string[];
}

/**
 * Certifies a fitted gate on graded requests that it has not seen. Throws RangeError for a reference
 * that is no model, rows of another length and scores outside 0 … 1.
 */
export function certifyGate(wish: CertifyWish, hash: HashText): CertifiedGate {
  const { models, promise, sliced, rows, madeAt, holdsMs } = wish;
  const reference = models.indexOf(wish.reference);
  if (reference < 0)
    throw new RangeError(`the reference ${wish.reference} is none of ${models.join(', ')}`);
  const read = <Row extends ReadRow>(row: Row) => ({
    ...row,
    expectedLoss: expectedLosses(row.probabilities, reference),
  });
  const set: CalibrationSet = { models, reference, rows: rows.map(read) };
  const thresholds = thresholdSteps(wish.apart.map(read), reference);
  const found = sliced ? certifySlices(set, promise, thresholds) : undefined;
  const together = found?.together ?? certifyLoss(set, promise, thresholds);
  const certificate = makeCertificate(
    {
      promise,
      slices: found?.slices ?? [together],
      reference: wish.reference,
      models,
      gate: wish.gate,
      data: wish.data,
      madeAt,
      expiresAt: madeAt + holdsMs,
      code: wish.code,
    },
    hash,
  );
  const { keptCheap, saved } = savingUnder(certificate, set);
  const figures = { keptCheap, saved, keptTogether: together.keptCheap };
  return { certificate, ...figures, words: wordsOf(certificate, figures) };
}

/** What the certificate's thresholds would have saved on the rows themselves. */
function savingUnder(certificate: GateCertificate, { rows, reference }: CalibrationSet) {
  const bySlice = Map.groupBy(rows, (row: CalibrationRow) => row.slice ?? REST);
  let kept = 0;
  let cost = 0;
  for (const [slice, own] of bySlice) {
    const saving = savingAt(own, reference, thresholdOf(certificate, slice));
    kept += saving.keptCheap * own.length;
    cost += (saving.perThousand * own.length) / 1000;
  }
  const full = rows.reduce((sum, row) => sum + (row.costs[reference] as number), 0);
  return {
    keptCheap: kept / Math.max(1, rows.length),
    saved: full > 0 ? 1 - cost / full : 0,
  };
}

function wordsOf(
  certificate: GateCertificate,
  { keptCheap, saved, keptTogether }: Omit<CertifiedGate, 'certificate' | 'words'>,
): string[] {
  const { alpha, reference, slices } = certificate;
  const whole = `you would have saved ${percent(saved)} of the cost of ${reference} alone, at a loss of at most ${percent(alpha)} of what it gets right`;
  if (slices.length === 1) return [whole, promiseWords(certificate, slices[0]?.slice)];
  return [
    whole,
    `a promise for each of ${slices.length} slices keeps ${percent(keptCheap)} off ${reference}, one promise for everything ${percent(keptTogether)}`,
    ...slices.map(({ slice }) => `${slice}: ${promiseWords(certificate, slice)}`),
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
