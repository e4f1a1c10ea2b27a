/**
 * HalfSipHash-2-4 with 32-bit output (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input
 * PRF", INDOCRYPT 2012; the 32-bit variant of their reference code): a keyed hash whose values say
 * nothing to who lacks the key. Key: two 32-bit words.
 */
export type HashKey = readonly [number, number];

interface State {
  a: number;
  b: number;
  c: number;
  d: number;
}

/** Of the bytes [start, end). */
export function halfSipHash(
  bytes: Uint8Array,
  [low, high]: HashKey,
  start = 0,
  end = bytes.length,
): number {
  const state: State = { a: low, b: high, c: 0x6c796765 ^ low, d: 0x74656462 ^ high };
  const length = end - start;
  const whole = end - (length % 4);
  for (let at = start; at < whole; at += 4) mix(state, wordAt(bytes, at, 4));
  mix(state, ((length & 0xff) << 24) | wordAt(bytes, whole, length % 4));
  state.c ^= 0xff;
  for (let count = 0; count < 4; count += 1) round(state);
  return (state.b ^ state.d) >>> 0;
}

/** A key from a secret of any length. */
export function hashKeyOf(secret: string): HashKey {
  const bytes = new TextEncoder().encode(secret);
  return [halfSipHash(bytes, [0, 1]), halfSipHash(bytes, [2, 3])];
}

function mix(state: State, word: number): void {
  state.d ^= word;
  round(state);
  round(state);
  state.a ^= word;
}

/** `count` bytes, little-endian. */
function wordAt(bytes: Uint8Array, at: number, count: number): number {
  let word = 0;
  for (let index = 0; index < count; index += 1) word |= (bytes[at + index] ?? 0) << (8 * index);
  return word;
}

function round(state: State): void {
  state.a = (state.a + state.b) | 0;
  state.b = rotate(state.b, 5) ^ state.a;
  state.a = rotate(state.a, 16);
  state.c = (state.c + state.d) | 0;
  state.d = rotate(state.d, 8) ^ state.c;
  state.a = (state.a + state.d) | 0;
  state.d = rotate(state.d, 7) ^ state.a;
  state.c = (state.c + state.b) | 0;
  state.b = rotate(state.b, 13) ^ state.c;
  state.c = rotate(state.c, 16);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
