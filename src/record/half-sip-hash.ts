/**
 * HalfSipHash-2-4 with 32-bit output (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input
 * PRF", INDOCRYPT 2012; the 32-bit variant of their reference code): a keyed hash whose values say
 * nothing to who lacks the key. Key: two 32-bit words.
 */
export type HashKey = readonly [number, number];

/** Of the bytes [start, end). Everything is local: a prompt of 1 KB has 170 words to hash. */
export function halfSipHash(
  bytes: Uint8Array,
  [low, high]: HashKey,
  start = 0,
  end = bytes.length,
): number {
  let a = low;
  let b = high;
  let c = 0x6c796765 ^ low;
  let d = 0x74656462 ^ high;
  const length = end - start;
  const last = length >> 2;
  // The four rounds of the end are those of two more words that are 0.
  for (let block = 0; block <= last + 2; block += 1) {
    const at = start + block * 4;
    let word = 0;
    if (block < last) word = wordAt(bytes, at);
    else if (block === last) word = (length << 24) | restAt(bytes, at, end);
    else if (block === last + 1) c ^= 0xff;
    d ^= word;
    for (let round = 0; round < 2; round += 1) {
      a = (a + b) | 0;
      b = ((b << 5) | (b >>> 27)) ^ a;
      a = (a << 16) | (a >>> 16);
      c = (c + d) | 0;
      d = ((d << 8) | (d >>> 24)) ^ c;
      a = (a + d) | 0;
      d = ((d << 7) | (d >>> 25)) ^ a;
      c = (c + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ c;
      c = (c << 16) | (c >>> 16);
    }
    a ^= word;
  }
  return (b ^ d) >>> 0;
}

/** A key from a secret of any length. */
export function hashKeyOf(secret: string): HashKey {
  const bytes = new TextEncoder().encode(secret);
  return [halfSipHash(bytes, [0, 1]), halfSipHash(bytes, [2, 3])];
}

/** Four bytes, little-endian. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The up to three bytes before the end. */
function restAt(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let index = at; index < end; index += 1) word |= (bytes[index] ?? 0) << (8 * (index - at));
  return word;
}
