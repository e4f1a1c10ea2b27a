/** Three characters of six bits each hold an index below 2^18. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MARKS = Uint8Array.from(ALPHABET, (mark) => mark.charCodeAt(0));
const VALUES = new Map(Array.from(ALPHABET, (mark, value) => [mark, value]));
const LIMIT = 2 ** 18;

/** Feature hashes as text, half as long as a list of numbers; a list that is no such list stays one. */
export function packHashes(hashes: readonly number[]): string | readonly number[] {
  const bytes = Buffer.allocUnsafe(hashes.length * 3);
  let at = 0;
  for (const hash of hashes) {
    if (!(hash >= 0 && hash < LIMIT && Number.isInteger(hash))) return hashes;
    bytes[at] = MARKS[hash >> 12] ?? 0;
    bytes[at + 1] = MARKS[(hash >> 6) & 63] ?? 0;
    bytes[at + 2] = MARKS[hash & 63] ?? 0;
    at += 3;
  }
  return bytes.toString('latin1');
}

export function unpackHashes(packed: string | readonly number[]): readonly number[] {
  if (typeof packed !== 'string') return packed;
  const hashes: number[] = [];
  for (let at = 0; at + 2 < packed.length; at += 3) {
    const value = (place: number) => VALUES.get(packed.charAt(at + place)) ?? 0;
    hashes.push((value(0) << 12) | (value(1) << 6) | value(2));
  }
  return hashes;
}
