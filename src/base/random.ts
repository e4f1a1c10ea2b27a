/**
 * A seeded generator of uniform numbers in [0, 1): the same seed gives the same sequence on every
 * machine, so that training and intervals can be repeated. Not for secrets.
 * Formula: sfc32 (PractRand, C. Doty-Humphrey), 128 bits of state, 12 rounds of warm-up.
 */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = Math.floor(seed / 0x1_0000_0000) | 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** Puts the entries in random order, in place (Fisher–Yates). */
export function shuffle(entries: Int32Array, random: () => number): void {
  for (let last = entries.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = entries[last] ?? 0;
    entries[last] = entries[other] ?? 0;
    entries[other] = kept;
  }
}

/** 0 … count − 1 in random order. */
export function shuffledIndices(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  shuffle(order, seededRandom(seed));
  return order;
}
