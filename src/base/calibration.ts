import { softmaxInPlace } from './softmax.ts';

/**
 * Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, §4.2):
 * the divisor of the scores with the least negative log-likelihood on rows that the model has not
 * seen, found by golden-section search over ln T in [ln 0.05, ln 20]. The target is not 1 but
 * (n + 1) / (n + 2) (Platt, 1999, §2.2), so that few rows that are all right do not promise
 * certainty.
 */
export function fitTemperature(scores: readonly Float64Array[], classes: Int32Array): number {
  if (scores.length === 0) return 1;
  const loss = (logarithm: number) => meanLoss(scores, classes, Math.exp(logarithm));
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let lossLeft = loss(left);
  let lossRight = loss(right);
  for (let round = 0; round < 24; round += 1) {
    if (lossLeft <= lossRight) {
      high = right;
      right = left;
      lossRight = lossLeft;
      left = high - ratio * (high - low);
      lossLeft = loss(left);
    } else {
      low = left;
      left = right;
      lossLeft = lossRight;
      right = low + ratio * (high - low);
      lossRight = loss(right);
    }
  }
  return Math.exp((low + high) / 2);
}

/** Probabilities at a temperature; the scores stay as they are. */
export function probabilitiesAt(scores: Float64Array, temperature: number): Float64Array {
  const scaled = new Float64Array(scores.length);
  for (let at = 0; at < scores.length; at += 1) scaled[at] = (scores[at] as number) / temperature;
  softmaxInPlace(scaled);
  return scaled;
}

/** Mean cross-entropy against the softened target, in nats. */
function meanLoss(
  scores: readonly Float64Array[],
  classes: Int32Array,
  temperature: number,
): number {
  const target = (scores.length + 1) / (scores.length + 2);
  let total = 0;
  scores.forEach((row, at) => {
    const wanted = probabilitiesAt(row, temperature)[classes[at] as number] as number;
    total -= target * Math.log(Math.max(wanted, 1e-12));
    total -= (1 - target) * Math.log(Math.max(1 - wanted, 1e-12));
  });
  return total / scores.length;
}

/**
 * Expected calibration error over equal-width bins, 0 … 1 (Naeini et al., AAAI 2015): the mean
 * distance between confidence and share right, weighted by the rows of the bin.
 */
export function calibrationError(
  pairs: readonly { readonly confidence: number; readonly right: boolean }[],
  binCount = 10,
): number {
  const bins = Array.from({ length: binCount }, () => ({ confidence: 0, right: 0, count: 0 }));
  for (const pair of pairs) {
    const bin = bins[Math.min(binCount - 1, Math.floor(pair.confidence * binCount))];
    if (bin === undefined) continue;
    bin.confidence += pair.confidence;
    bin.right += pair.right ? 1 : 0;
    bin.count += 1;
  }
  let total = 0;
  for (const bin of bins) total += Math.abs(bin.confidence - bin.right);
  return pairs.length === 0 ? 0 : total / pairs.length;
}
