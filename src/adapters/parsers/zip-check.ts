import { Unreadable } from './unreadable.ts';

/** Bytes that all members together may inflate to. */
export const INFLATED_LIMIT = 200_000_000;
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 65_535;

/**
 * Reads the central directory of a zip archive (APPNOTE.TXT 4.3.12 and 4.3.16) and refuses one that
 * says it inflates to more than 200 MB, before anything is inflated. A directory that lies is caught
 * by the memory and time limits of the child process.
 */
export function checkArchive(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 8 && view.getUint32(0) === 0xd0cf11e0)
    throw new Unreadable('it is protected by a password, or in the format of before 2007');
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let inflated = 0;
  for (let entry = 0; entry < count; entry += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw new Unreadable('its archive is damaged');
    inflated += view.getUint32(at + 24, true);
    if (inflated > INFLATED_LIMIT)
      throw new Unreadable(`it inflates to more than ${INFLATED_LIMIT / 1e6} MB`);
    at +=
      46 +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let at = view.byteLength - END_LENGTH; at >= first; at -= 1)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw new Unreadable('its archive is damaged or cut off');
}
