import { seededRandom } from '../../base/random.ts';
import {
  type CalibrationSet,
  expectedLosses,
  lossProfile,
  savingAt,
  thresholdSteps,
} from '../calibration-set.ts';
import { certifyStep } from '../certify.ts';
import type { ScoredRow } from './held-out-scores.ts';

/** How often a certified threshold breaks its promise on these rows, and what it keeps cheap. */
export interface CertifiedReport {
  readonly alpha: number;
  readonly delta: number;
  readonly draws: number;
  readonly cells: readonly {
    /** Rows of each calibration sample, drawn with replacement. */
    readonly rows: number;
    readonly violations: number;
    /** delta and two standard errors of that many draws. */
    readonly allowed: number;
    readonly keptCheap: number;
  }[];
}

const DRAWS = 500;
const SIZES = [200, 500, 2000];

/**
 * Calibration samples are drawn from the scored rows, the truth is all of them; the gate was fitted
 * on others. Thresholds come from the scores alone.
 */
export function reportCertificates(
  rows: readonly ScoredRow[],
  costs: readonly (readonly number[])[],
  options: {
    readonly models: readonly string[];
    readonly reference: number;
    readonly alpha: number;
    readonly delta: number;
    readonly seed: number;
  },
): CertifiedReport {
  const { alpha, delta, reference } = options;
  const set: CalibrationSet = {
    models: options.models,
    reference,
    rows: rows.map((one, at) => ({
      scores: one.row.scores,
      expectedLoss: expectedLosses(
        one.values.map((value) => Math.min(1, Math.max(0, value))),
        reference,
      ),
      costs: costs[at] ?? [],
    })),
  };
  const steps = thresholdSteps(set.rows, reference);
  const profile = lossProfile(set, steps);
  const count = set.rows.length;
  const whole = profile.wholes.reduce((sum, value) => sum + value, 0);
  const risk = Array.from(steps, (_, step) => {
    let lost = 0;
    for (let row = 0; row < count; row += 1) lost += profile.lost[step * count + row] as number;
    return lost / Math.max(1e-9, whole);
  });
  const kept = Array.from(steps, (threshold) => savingAt(set.rows, reference, threshold).keptCheap);
  const random = seededRandom(options.seed);
  const cells = SIZES.map((size) => {
    let [violations, cheap] = [0, 0];
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const sample = {
        rows: Int32Array.from({ length: size }, () => Math.floor(random() * count)),
        coins: Float64Array.from({ length: size }, random),
      };
      const { step } = certifyStep(profile, sample, { alpha, delta });
      if ((risk[step] ?? 0) > alpha) violations += 1;
      cheap += kept[step] ?? 0;
    }
    const allowed = delta + 2 * Math.sqrt((delta * (1 - delta)) / DRAWS);
    return { rows: size, violations: violations / DRAWS, allowed, keptCheap: cheap / DRAWS };
  });
  return { alpha, delta, draws: DRAWS, cells };
}
