import { bettingPValue, rowsNeeded, singleStart, walkSequence } from '../base/risk-control.ts';
import { binomialTail, binomialUpperBound, mean } from '../base/statistics.ts';
import type { KeptTarget } from '../core/gate-certificate.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  chooseAt,
  everyRow,
  lossAt,
  lossProfile,
  REFERENCE_ONLY,
  savingAt,
  tallyAt,
} from './calibration-set.ts';
import { type CertifiedSlice, REST } from './certify.ts';
import { dollarWords, targetWords } from './wording.ts';

/** What the user wants kept: US dollars per 1,000 requests, or the milliseconds that 95 of 100 take at most. */
export interface TargetWish {
  readonly of: 'dollars' | 'latency';
  readonly limit: number;
  /** US dollars that one request can cost at most; where absent, a multiple of the dearest one seen. */
  readonly mostPerRequest?: number;
}

/** What requests may cost or how long they may take, with confidence 1 − `delta`. */
export type TargetPromise = { readonly delta: number } & (
  | {
      readonly of: 'dollars';
      /** US dollars per 1,000 requests, at most. */
      readonly perThousand: number;
      /** The most that one request can cost: price × limits, never what was seen. */
      readonly mostPerRequest: number;
    }
  | {
      readonly of: 'latency';
      /** 95 of 100 requests take at most so many milliseconds. */
      readonly p95Ms: number;
    }
);

export interface CertifiedTarget {
  /** The most careful threshold that keeps the target; Infinity = the cheapest model for everything. */
  readonly threshold: number;
  /** False: not even the cheapest models were shown to keep it; `threshold` is Infinity then. */
  readonly kept: boolean;
  readonly rows: number;
  readonly keptCheap: number;
  readonly perThousand: number;
  /** Mean loss of what the reference scores, where that is known; an estimate without a promise. */
  readonly loss: number;
  /** Requests that are missing before a latency can be shown; 0 = enough. */
  readonly missing: number;
}

/**
 * The best quality within a target: from the cheapest choice towards the reference as long as every
 * step keeps the target (Learn-then-Test with cost or lateness as the risk). Needs no grades. Costs
 * are bounded by a betting test, latencies by the exact binomial of those that are late. Throws
 * RangeError for a target that is no positive number, a cost above `mostPerRequest`, or rows without
 * latencies.
 */
export function certifyTarget(
  set: CalibrationSet,
  promise: TargetPromise,
  thresholds: ArrayLike<number>,
): CertifiedTarget {
  const { rows, reference } = set;
  checkTarget(promise, rows);
  // From the boldest to the reference alone.
  const steps = [Number.POSITIVE_INFINITY, ...Array.from(thresholds).toReversed(), REFERENCE_ONLY];
  const levels = walkSequence(singleStart(steps.length, promise.delta), (step) =>
    pValueAt(set, promise, steps[step] as number),
  );
  const last = levels.findLastIndex((level) => level > 0);
  const threshold = steps[Math.max(0, last)] as number;
  const graded = rows.filter((row) => (row.scores[reference] as number) > 0);
  const whole = mean(graded.map((row) => row.scores[reference] as number));
  const lost = mean(graded.map((row) => lossAt(row, reference, threshold)));
  const needed = promise.of === 'latency' ? rowsNeeded(0.05, promise.delta) : 1;
  return {
    threshold,
    kept: last >= 0,
    rows: rows.length,
    ...savingAt(rows, reference, threshold),
    loss: lost / whole,
    missing: Math.max(0, needed - rows.length),
  };
}

/** Where nobody says what a request can cost at most: so many times the dearest one. */
const MOST_FACTOR = 4;

/**
 * The best quality within a target, and how much of the reference's right answers it may lose: half of
 * `delta` shows the target, which looks at no grades, the other half bounds the loss at the threshold
 * that was found. Throws RangeError where not even the cheapest choice was shown to keep the target.
 */
export function certifyWithinTarget(
  set: CalibrationSet,
  wish: TargetWish,
  delta: number,
  thresholds: ArrayLike<number>,
): { readonly slice: CertifiedSlice; readonly target: KeptTarget } {
  const { rows } = set;
  const promise = targetPromise(wish, rows, delta / 2);
  const found = certifyTarget(set, promise, thresholds);
  if (!found.kept) throw new RangeError(unkeptWords(wish, found));
  // No expected loss is above 1, and a file has no Infinity.
  const threshold = Math.min(1, found.threshold);
  const tally = tallyAt(lossProfile(set, [threshold]), everyRow(rows.length), 0);
  return {
    slice: {
      slice: REST,
      rows: rows.length,
      tally,
      delta: delta / 2,
      bound:
        threshold === REFERENCE_ONLY ? 0 : binomialUpperBound(tally.lost, tally.whole, delta / 2),
      threshold,
      keptCheap: found.keptCheap,
      perThousand: found.perThousand,
      missing: 0,
    },
    target: {
      of: wish.of,
      limit: wish.limit,
      ...(promise.of === 'dollars' ? { mostPerRequest: promise.mostPerRequest } : {}),
    },
  };
}

function targetPromise(
  { of, limit, mostPerRequest }: TargetWish,
  rows: readonly CalibrationRow[],
  delta: number,
): TargetPromise {
  if (of === 'latency') return { of, p95Ms: limit, delta };
  const dearest = rows.reduce((most, row) => Math.max(most, ...Array.from(row.costs)), 0);
  return { of, perThousand: limit, mostPerRequest: mostPerRequest ?? MOST_FACTOR * dearest, delta };
}

function unkeptWords(wish: TargetWish, { perThousand, missing, rows }: CertifiedTarget): string {
  const what = `not even the cheapest choice was shown to keep the target (${targetWords(wish)})`;
  if (missing > 0) return `${what}: ${missing} more requests are needed`;
  return wish.of === 'dollars'
    ? `${what}: on ${rows} requests it costs ${dollarWords(perThousand)} per 1,000`
    : `${what}: too many of ${rows} requests take longer`;
}

function pValueAt(
  { rows, reference }: CalibrationSet,
  promise: TargetPromise,
  threshold: number,
): number {
  const choice = (row: CalibrationRow) => chooseAt(row, reference, threshold);
  if (promise.of === 'latency') {
    const late = rows.filter((row) => !((row.latencies?.[choice(row)] as number) <= promise.p95Ms));
    return binomialTail(late.length, rows.length, 0.05);
  }
  const { perThousand, mostPerRequest } = promise;
  const shares = rows.map((row) => (row.costs[choice(row)] as number) / mostPerRequest);
  return bettingPValue(shares, perThousand / 1000 / mostPerRequest);
}

function checkTarget(promise: TargetPromise, rows: readonly CalibrationRow[]): void {
  if (!(promise.delta > 0 && promise.delta < 1))
    throw new RangeError(`delta is between 0 and 1, not ${promise.delta}`);
  if (promise.of === 'latency') {
    if (!(promise.p95Ms > 0)) throw new RangeError(`p95Ms is positive, not ${promise.p95Ms}`);
    if (rows.some((row) => row.latencies === undefined))
      throw new RangeError('a promise of latency needs the latencies of every row');
    return;
  }
  const { perThousand, mostPerRequest } = promise;
  if (!(perThousand > 0 && mostPerRequest > 0))
    throw new RangeError('dollars per 1,000 requests, and the most of one, are positive');
  const dearest = rows.reduce((most, row) => Math.max(most, ...Array.from(row.costs)), 0);
  if (!(dearest <= mostPerRequest))
    throw new RangeError(
      `one request costs ${dollarWords(dearest)}, more than one can cost as was said (--most-dollars ${mostPerRequest})`,
    );
}
