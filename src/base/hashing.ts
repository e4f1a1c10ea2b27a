/**
 * Feature hashing of text: words, word pairs and runs of characters become indices of a fixed
 * space, so that no vocabulary has to be kept (Weinberger et al., "Feature Hashing for Large Scale
 * Multitask Learning", ICML 2009; here without the sign, because rows are pruned to seen features).
 */
export interface SparseVector {
  /** Ascending, without repetition. */
  readonly indices: Int32Array;
  /** Same length as `indices`. */
  readonly values: Float32Array;
}

export interface HashingOptions {
  /** The space has 2^bits indices; 8 … 24. */
  readonly bits: number;
  /** Longest word run: 1 = words, 2 = words and pairs; 0 = none. */
  readonly wordRun: number;
  /** Shortest and longest character run; 0 … 0 = none. */
  readonly characterFrom: number;
  readonly characterTo: number;
  /** UTF-16 units of the text that are read; the rest is ignored. */
  readonly textLimit: number;
}

export const HASHING_DEFAULTS: HashingOptions = {
  bits: 18,
  wordRun: 2,
  characterFrom: 3,
  characterTo: 5,
  textLimit: 4000,
};

const WORD = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Keeps word features apart from character features with the same letters. */
const WORD_START = 0x5bd1e995;

/**
 * The text's features with weights 1 + ln(count), scaled to length 1; empty for text without any
 * visible character. Pure; about 20 µs for 60 characters.
 */
export function hashText(text: string, options: HashingOptions = HASHING_DEFAULTS): SparseVector {
  const tokens = text.slice(0, options.textLimit).toLowerCase().normalize('NFC').match(WORD) ?? [];
  const found: number[] = [];
  addWords(tokens, options, found);
  addCharacters(tokens, options, found);
  return toVector(found);
}

function addWords(tokens: readonly string[], options: HashingOptions, found: number[]): void {
  const hashes = tokens.map((token) => hashUnits(token, WORD_START));
  for (let start = 0; start < hashes.length; start += 1) {
    let hash = 0;
    for (let run = 0; run < options.wordRun && start + run < hashes.length; run += 1) {
      hash = Math.imul(hash, 31) + (hashes[start + run] ?? 0) + run;
      found.push(fold(hash, options.bits));
    }
  }
}

/** Runs of characters over the tokens joined by single spaces, with a space at both ends. */
function addCharacters(tokens: readonly string[], options: HashingOptions, found: number[]): void {
  if (options.characterTo === 0 || tokens.length === 0) return;
  const joined = ` ${tokens.join(' ')} `;
  for (let start = 0; start < joined.length; start += 1) {
    let hash = FNV_START;
    const end = Math.min(joined.length, start + options.characterTo);
    for (let at = start; at < end; at += 1) {
      hash = Math.imul(hash ^ joined.charCodeAt(at), FNV_PRIME);
      if (at - start + 1 >= options.characterFrom) found.push(fold(hash, options.bits));
    }
  }
}

function hashUnits(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return hash;
}

/** Finaliser of MurmurHash3 (A. Appleby), then the upper bits, which mix best. */
function fold(hash: number, bits: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> (32 - bits);
}

function toVector(found: readonly number[]): SparseVector {
  const sorted = Int32Array.from(found).sort();
  let distinct = 0;
  for (let at = 0; at < sorted.length; at += 1) if (sorted[at] !== sorted[at - 1]) distinct += 1;
  const indices = new Int32Array(distinct);
  const values = new Float32Array(distinct);
  let slot = -1;
  for (let at = 0; at < sorted.length; at += 1) {
    if (sorted[at] !== sorted[at - 1]) {
      slot += 1;
      indices[slot] = sorted[at] ?? 0;
    }
    values[slot] = (values[slot] ?? 0) + 1;
  }
  for (let at = 0; at < distinct; at += 1) values[at] = 1 + Math.log(values[at] ?? 1);
  scaleToUnit(values);
  return { indices, values };
}

/** Divides by the Euclidean length, in place; zeros stay zeros. */
export function scaleToUnit(values: Float32Array): void {
  let squares = 0;
  for (const value of values) squares += value * value;
  if (squares === 0) return;
  const factor = 1 / Math.sqrt(squares);
  for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) * factor;
}
