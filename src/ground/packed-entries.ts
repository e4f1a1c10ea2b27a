import type { Growing } from './growing.ts';

/** Most that a frequency counts; BM25 has long been saturated there. */
export const FREQUENCY_MAX = 255;

/**
 * Appends ascending numbers with their frequencies: the gap to the number before, shifted by one bit
 * that tells a frequency above 1, seven bits a byte; then such a frequency in one byte. Most entries
 * take one or two bytes.
 */
export function packEntry(bytes: Growing<Uint8Array>, gap: number, frequency: number): void {
  let rest = gap * 2 + (frequency > 1 ? 1 : 0);
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  if (frequency > 1) bytes.push(Math.min(frequency, FREQUENCY_MAX));
}

/** Entries unpacked into arrays that are used again and again. */
export class UnpackedEntries {
  numbers = new Uint32Array(256);
  frequencies = new Uint8Array(256);
  count = 0;

  /** Reads what `packEntry` wrote at `start` … `end`; the first gap counts from `base`. */
  unpack(bytes: Uint8Array, start: number, end: number, base: number): void {
    // Every entry takes a byte at least.
    if (end - start > this.numbers.length) {
      this.numbers = new Uint32Array(2 * (end - start));
      this.frequencies = new Uint8Array(2 * (end - start));
    }
    const { numbers, frequencies } = this;
    let number = base;
    let count = 0;
    for (let at = start; at < end; ) {
      let byte = bytes[at++] as number;
      let value = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at++] as number;
        value |= (byte & 127) << shift;
      }
      number += value >>> 1;
      numbers[count] = number;
      frequencies[count] = (value & 1) === 0 ? 1 : (bytes[at++] as number);
      count += 1;
    }
    this.count = count;
  }
}

/**
 * Σ weight · f / (f + saturation) over the entries that `packEntry` wrote at `start` … `end`, with the
 * weight of each number; read in one go, because a search does it for some hundred places.
 */
export function weighEntries(
  bytes: Uint8Array,
  [start, end]: readonly [number, number],
  weights: Float32Array,
  saturation: number,
): number {
  let number = 0;
  let sum = 0;
  for (let at = start; at < end; ) {
    let byte = bytes[at++] as number;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
    }
    number += value >>> 1;
    const frequency = (value & 1) === 0 ? 1 : (bytes[at++] as number);
    const weight = weights[number] as number;
    if (weight !== 0) sum += (weight * frequency) / (frequency + saturation);
  }
  return sum;
}
