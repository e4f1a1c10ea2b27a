/**
 * Non-negative weights of several predictions with the least squared error, each weight pulled to 0
 * by `penalty`: coordinate descent on the normal equations. `gram` is size × size, `moments` has one
 * value per prediction.
 */
export function nonNegativeWeights(
  gram: Float64Array,
  moments: Float64Array,
  penalty: number,
): Float64Array {
  const size = moments.length;
  const weights = new Float64Array(size);
  for (let round = 0; round < 500; round += 1) {
    let largest = 0;
    for (let at = 0; at < size; at += 1) {
      const slope = (gram[at * size + at] as number) + penalty;
      if (slope <= 0) continue;
      let rest = moments[at] as number;
      for (let other = 0; other < size; other += 1)
        if (other !== at) rest -= (gram[at * size + other] as number) * (weights[other] as number);
      const value = Math.max(0, rest / slope);
      largest = Math.max(largest, Math.abs(value - (weights[at] as number)));
      weights[at] = value;
    }
    if (largest < 1e-6) break;
  }
  return weights;
}
