import type { GgufHeader } from './gguf-header.ts';

/** Half-precision floats in the key/value cache. */
const CACHE_FLOAT_BYTES = 2;
/**
 * Resident bytes ÷ bytes of weights, and what comes beside them. Resident bytes beyond weights and cache, fitted to three models at 2k context on a CPU with
 * AVX-512: 331 MB for 98 MB of weights, 875 for 491, 2,156 for 1,117. Repacked weights grow with
 * the model, code and compute buffers hardly do.
 */
export const REPACKING_FACTOR = 1.8;
const RUNTIME_BYTES = 110_000_000;

/** Bytes of the key/value cache for `tokenCount` tokens: kv heads × (key + value floats) × 2. */
export function cacheBytes(header: GgufHeader, tokenCount: number): number {
  return (
    tokenCount *
    header.headCountKvTotal *
    (header.keyLength + header.valueLength) *
    CACHE_FLOAT_BYTES
  );
}

/** Bytes that a model will take with `slots` conversations of `contextTokens` tokens each. */
export function estimateMemory(header: GgufHeader, contextTokens: number, slots: number): number {
  const tokenCount = Math.min(contextTokens, header.contextLength) * slots;
  return Math.ceil(
    header.tensorBytes * REPACKING_FACTOR + cacheBytes(header, tokenCount) + RUNTIME_BYTES,
  );
}
