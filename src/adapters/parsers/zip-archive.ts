import { inflateRawSync } from 'node:zlib';
import { decodeText } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

/** Bytes that all members together may inflate to. */
const INFLATED_LIMIT = 200_000_000;
const TOO_LARGE = `it inflates to more than ${INFLATED_LIMIT / 1e6} MB`;
export const LOCKED =
  'it is protected by a password; save a copy without one and put it in its place';
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const FILE_SIGNATURE = 0x04034b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 65_535;
const COMPOUND_FILE = 0xd0cf11e0;

interface Entry {
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly packed: number;
  readonly at: number;
}

/**
 * The members of a zip archive (APPNOTE.TXT 4.3), inflated when they are asked for. An archive that
 * says it inflates to more than 200 MB, or lies and does, is refused before more is inflated. Errors
 * are Unreadable.
 */
export class ZipArchive {
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();
  #left = INFLATED_LIMIT;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length >= 8 && this.#view.getUint32(0) === COMPOUND_FILE)
      throw new Unreadable(
        'it is protected by a password, or in the format of before 2007; save a copy in the present format without a password',
      );
    this.#readDirectory();
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Undefined when there is no such member. */
  text(name: string): string | undefined {
    const bytes = this.bytes(name);
    return bytes === undefined ? undefined : decodeText(bytes);
  }

  bytes(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.isEncrypted) throw new Unreadable(LOCKED);
    const view = this.#view;
    if (entry.at + 30 > view.byteLength || view.getUint32(entry.at, true) !== FILE_SIGNATURE)
      throw new Unreadable('its archive is damaged');
    const skipped = view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
    const start = entry.at + 30 + skipped;
    if (start + entry.packed > view.byteLength) throw new Unreadable('its archive is cut off');
    const packed = new Uint8Array(view.buffer, view.byteOffset + start, entry.packed);
    const bytes = entry.method === 0 ? packed : this.#inflate(packed, entry.method);
    this.#left -= bytes.length;
    if (this.#left < 0) throw new Unreadable(TOO_LARGE);
    return bytes;
  }

  #inflate(packed: Uint8Array, method: number): Uint8Array {
    if (method !== 8) throw new Unreadable('its archive is packed in an unusual way');
    try {
      return inflateRawSync(packed, { maxOutputLength: Math.max(1, this.#left) });
    } catch (thrown) {
      const isLarge = (thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      throw new Unreadable(isLarge ? TOO_LARGE : 'its archive is damaged');
    }
  }

  #readDirectory(): void {
    const view = this.#view;
    const end = findEnd(view);
    const count = view.getUint16(end + 10, true);
    let at = view.getUint32(end + 16, true);
    let inflated = 0;
    for (let entry = 0; entry < count; entry += 1) {
      if (at + 46 > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE)
        throw new Unreadable('its archive is damaged');
      inflated += view.getUint32(at + 24, true);
      if (inflated > INFLATED_LIMIT) throw new Unreadable(TOO_LARGE);
      const length = view.getUint16(at + 28, true);
      if (at + 46 + length > view.byteLength) throw new Unreadable('its archive is damaged');
      const name = new TextDecoder().decode(
        new Uint8Array(view.buffer, view.byteOffset + at + 46, length),
      );
      this.#entries.set(name.replaceAll('\\', '/'), {
        isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
        method: view.getUint16(at + 10, true),
        packed: view.getUint32(at + 20, true),
        at: view.getUint32(at + 42, true),
      });
      at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
  }
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let at = view.byteLength - END_LENGTH; at >= first; at -= 1)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw new Unreadable('its archive is damaged or cut off');
}
