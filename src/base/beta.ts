/** A random number of the gamma distribution with scale 1 (Marsaglia and Tsang, ACM TOMS 2000). */
function drawGamma(shape: number, random: () => number): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const base = shape - 1 / 3;
  const spread = 1 / Math.sqrt(9 * base);
  for (;;) {
    const normal = drawNormal(random);
    const cube = (1 + spread * normal) ** 3;
    if (cube <= 0) continue;
    const level = Math.log(1 - random());
    if (level < normal ** 2 / 2 + base - base * cube + base * Math.log(cube)) return base * cube;
  }
}

/** Box and Muller, 1958. */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A random share with the given pseudo-counts of right and wrong, both > 0; `random` is uniform in [0, 1). */
export function drawBeta(right: number, wrong: number, random: () => number): number {
  const one = drawGamma(right, random);
  const other = drawGamma(wrong, random);
  return one + other === 0 ? right / (right + wrong) : one / (one + other);
}
