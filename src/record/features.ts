import { type HashKey, halfSipHash, hashKeyOf } from './half-sip-hash.ts';

/** Hashes are indices below 2^18; the collisions are wanted, they make guessing harder still. */
const FEATURE_BITS = 18;
/** Words kept per request; more add little to what a gate can learn. */
const FEATURES_MAX = 256;
/** Characters that are read; the first 16,000 hold more words than are kept. */
const TEXT_MAX = 16_000;
const WORD = /[\p{L}\p{N}]+/gu;

const ENCODER = new TextEncoder();
/** Bytes of the text that is being hashed; only ever used within one call. */
const BYTES = new Uint8Array(3 * TEXT_MAX);
const HASHES = new Uint32Array(FEATURES_MAX);
/** The small letter or digit of an ASCII code, 0 for what parts words. */
const WORD_BYTE = Uint8Array.from({ length: 128 }, (_, code) => {
  const mark = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(mark) ? mark.charCodeAt(0) : 0;
});

/**
 * The words of a text as indices 0 … 2^18 − 1, ascending, one per occurrence: a bag without order.
 * Without the salt an index cannot be tested against a word; with it only words that one guesses can
 * be. At most 256 indices.
 */
export function featureHashes(text: string, salt: string): number[] {
  const key = keyOf(salt);
  const start = text.slice(0, TEXT_MAX);
  const count = hashAsciiWords(start, key) ?? hashWords(start, key);
  const sorted = HASHES.subarray(0, count).sort();
  // Array.from would ask an iterator for each.
  const hashes: number[] = [];
  for (let index = 0; index < count; index += 1) hashes.push(sorted[index] ?? 0);
  return hashes;
}

/** Most prompts are ASCII: one pass without cutting words out; undefined for any other text. */
function hashAsciiWords(text: string, key: HashKey): number | undefined {
  let count = 0;
  let start = -1;
  for (let at = 0; at <= text.length; at += 1) {
    // NaN beyond the end parts words too.
    const code = text.charCodeAt(at);
    if (code > 127) return undefined;
    const byte = WORD_BYTE[code] ?? 0;
    if (byte !== 0) {
      BYTES[at] = byte;
      if (start < 0) start = at;
    } else if (start >= 0) {
      if (count < FEATURES_MAX) HASHES[count] = indexOf(key, start, at);
      count += 1;
      start = -1;
      // What follows could only turn out not to be ASCII, which changes no word before it.
      if (count === FEATURES_MAX) return count;
    }
  }
  return count;
}

function hashWords(text: string, key: HashKey): number {
  const words = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  const count = Math.min(words.length, FEATURES_MAX);
  for (let index = 0; index < count; index += 1) {
    const { written } = ENCODER.encodeInto(words[index] ?? '', BYTES);
    HASHES[index] = indexOf(key, 0, written);
  }
  return count;
}

function indexOf(key: HashKey, start: number, end: number): number {
  return halfSipHash(BYTES, key, start, end) >>> (32 - FEATURE_BITS);
}

/** The salt of a farm never changes; its key is worked out once. */
let known: { readonly salt: string; readonly key: HashKey } | undefined;

function keyOf(salt: string): HashKey {
  if (known?.salt !== salt) known = { salt, key: hashKeyOf(salt) };
  return known.key;
}
