import { halfSipHash, hashKeyOf } from './half-sip-hash.ts';

/** Hashes are indices below 2^18; the collisions are wanted, they make guessing harder still. */
const FEATURE_BITS = 18;
/** Words kept per request; more add little to what a gate can learn. */
const FEATURES_MAX = 256;
/** Characters that are read; the first 16,000 hold more words than are kept. */
const TEXT_MAX = 16_000;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * The words of a text as indices 0 … 2^18 − 1, ascending, one per occurrence: a bag without order.
 * Without the salt an index cannot be tested against a word; with it only words that one guesses can
 * be. At most 256 indices.
 */
export function featureHashes(text: string, salt: string): number[] {
  const key = hashKeyOf(salt);
  const encoder = new TextEncoder();
  const words = text.slice(0, TEXT_MAX).normalize('NFKC').toLowerCase().match(WORD) ?? [];
  return words
    .slice(0, FEATURES_MAX)
    .map((word) => halfSipHash(encoder.encode(word), key) >>> (32 - FEATURE_BITS))
    .sort((a, b) => a - b);
}
