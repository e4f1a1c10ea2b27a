import { halfSipHash, hashKeyOf } from './half-sip-hash.ts';

/** Hashes are indices below 2^18; the collisions are wanted, they make guessing harder still. */
const FEATURE_BITS = 18;
/** Words kept per request; more add little to what a gate can learn. */
const FEATURES_MAX = 256;
/** Characters that are read; the first 16,000 hold more words than are kept. */
const TEXT_MAX = 16_000;
const WORD = /[\p{L}\p{N}]+/gu;
/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const ENCODER = new TextEncoder();
/** Bytes of a word that is not ASCII; only ever used within one call, as is what follows. */
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
  const start = text.slice(0, TEXT_MAX);
  const count = hashAsciiWords(start) ?? hashWords(start);
  const table = tableOf(salt);
  for (let index = 0; index < count; index += 1) HASHES[index] = table.indexOf(HASHES[index] ?? 0);
  const sorted = HASHES.subarray(0, count).sort();
  // Array.from would ask an iterator for each, and a list that grows is copied again and again.
  const hashes = new Array<number>(count);
  for (let index = 0; index < count; index += 1) hashes[index] = sorted[index] ?? 0;
  return hashes;
}

/** Most prompts are ASCII: one pass without cutting words out; undefined for any other text. */
function hashAsciiWords(text: string): number | undefined {
  let count = 0;
  let hash = FNV_START;
  let isWord = false;
  for (let at = 0; at <= text.length; at += 1) {
    // NaN beyond the end parts words too.
    const code = text.charCodeAt(at);
    if (code > 127) return undefined;
    const byte = WORD_BYTE[code] ?? 0;
    if (byte !== 0) {
      hash = Math.imul(hash ^ byte, FNV_PRIME);
      isWord = true;
    } else if (isWord) {
      HASHES[count] = hash;
      count += 1;
      hash = FNV_START;
      isWord = false;
      // What follows could only turn out not to be ASCII, which changes no word before it.
      if (count === FEATURES_MAX) return count;
    }
  }
  return count;
}

function hashWords(text: string): number {
  const words = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  const count = Math.min(words.length, FEATURES_MAX);
  for (let index = 0; index < count; index += 1) {
    const { written } = ENCODER.encodeInto(words[index] ?? '', BYTES);
    let hash = FNV_START;
    for (let at = 0; at < written; at += 1) hash = Math.imul(hash ^ (BYTES[at] ?? 0), FNV_PRIME);
    HASHES[index] = hash;
  }
  return count;
}

const SIZE = 2 ** FEATURE_BITS;
const UNKNOWN = 0xffff_ffff;

/**
 * The keyed half of the hash: what a word's plain hash is called in this farm. Each of the 2^18
 * plain hashes is put through HalfSipHash once, when it first occurs, and looked up from then on:
 * 2 ns a word instead of 40.
 */
class KeyedTable {
  readonly salt: string;
  readonly #key: readonly [number, number];
  readonly #indices = new Uint32Array(SIZE).fill(UNKNOWN);
  readonly #bytes = new Uint8Array(4);

  constructor(salt: string) {
    this.salt = salt;
    this.#key = hashKeyOf(salt);
  }

  /** `hash`: 32 bits, folded to 18 first. */
  indexOf(hash: number): number {
    const plain = ((hash >>> FEATURE_BITS) ^ hash) & (SIZE - 1);
    const known = this.#indices[plain] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    new DataView(this.#bytes.buffer).setUint32(0, plain, true);
    const index = halfSipHash(this.#bytes, this.#key) >>> (32 - FEATURE_BITS);
    this.#indices[plain] = index;
    return index;
  }
}

/** The salt of a farm never changes. */
let known: KeyedTable | undefined;

function tableOf(salt: string): KeyedTable {
  if (known?.salt !== salt) known = new KeyedTable(salt);
  return known;
}
