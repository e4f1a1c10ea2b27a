/**
 * A binary file of named typed arrays behind a JSON header, with a checksum:
 * magic (8 bytes) · CRC-32 of the rest · length of the header · header · sections, each at a
 * multiple of 8 bytes. Little-endian, as every supported machine is.
 */
const MAGIC = 'CADREPK1';
const PREAMBLE = 16;

export type Section = Int8Array | Int32Array | Float32Array | Float64Array;

interface SectionPlace {
  readonly name: string;
  readonly type: 'i8' | 'i32' | 'f32' | 'f64';
  readonly length: number;
}

export interface PackedFile {
  readonly kind: string;
  readonly version: number;
  /** JSON of the writer's own. */
  readonly header: unknown;
  readonly sections: ReadonlyMap<string, Section>;
}

export function writePacked(file: PackedFile): Uint8Array {
  const places: SectionPlace[] = [];
  let size = 0;
  for (const [name, section] of file.sections) {
    places.push({ name, type: typeOf(section), length: section.length });
    size += aligned(section.byteLength);
  }
  const header = new TextEncoder().encode(
    JSON.stringify({ kind: file.kind, version: file.version, header: file.header, places }),
  );
  const bytes = new Uint8Array(PREAMBLE + aligned(header.length) + size);
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(header, PREAMBLE);
  let at = PREAMBLE + aligned(header.length);
  for (const section of file.sections.values()) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at);
    at += aligned(section.byteLength);
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(12, header.length, true);
  view.setUint32(8, crc32(bytes.subarray(12)), true);
  return bytes;
}

/** Throws RangeError that says what is wrong when the bytes are not a whole file of this kind. */
export function readPacked(bytes: Uint8Array, kind: string, version: number): PackedFile {
  if (bytes.length < PREAMBLE || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw new RangeError(`not a packed file (${bytes.length} bytes)`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== crc32(bytes.subarray(12))) {
    throw new RangeError('the checksum does not fit: the file is cut or changed');
  }
  const headerLength = view.getUint32(12, true);
  const parsed = JSON.parse(
    new TextDecoder().decode(bytes.subarray(PREAMBLE, PREAMBLE + headerLength)),
  ) as {
    kind: string;
    version: number;
    header: unknown;
    places: SectionPlace[];
  };
  if (parsed.kind !== kind || parsed.version !== version) {
    throw new RangeError(
      `the file holds ${parsed.kind} version ${parsed.version}, not ${kind} version ${version}`,
    );
  }
  const sections = new Map<string, Section>();
  let at = PREAMBLE + aligned(headerLength);
  for (const place of parsed.places) {
    const length = place.length * WIDTHS[place.type];
    // A copy, also of a Buffer, whose `slice` is none.
    sections.set(
      place.name,
      sectionOf(place.type, new Uint8Array(bytes.subarray(at, at + length))),
    );
    at += aligned(length);
  }
  return { kind, version, header: parsed.header, sections };
}

export function int8Section(file: PackedFile, name: string): Int8Array {
  const section = file.sections.get(name);
  if (section instanceof Int8Array) return section;
  throw new RangeError(`section ${name} is missing`);
}

export function int32Section(file: PackedFile, name: string): Int32Array {
  const section = file.sections.get(name);
  if (section instanceof Int32Array) return section;
  throw new RangeError(`section ${name} is missing`);
}

export function float32Section(file: PackedFile, name: string): Float32Array {
  const section = file.sections.get(name);
  if (section instanceof Float32Array) return section;
  throw new RangeError(`section ${name} is missing`);
}

const WIDTHS = { i8: 1, i32: 4, f32: 4, f64: 8 };

function typeOf(section: Section): SectionPlace['type'] {
  if (section instanceof Int8Array) return 'i8';
  if (section instanceof Int32Array) return 'i32';
  return section instanceof Float32Array ? 'f32' : 'f64';
}

function sectionOf(type: SectionPlace['type'], copy: Uint8Array): Section {
  const buffer = copy.buffer as ArrayBuffer;
  if (type === 'i8') return new Int8Array(buffer, 0, copy.length);
  if (type === 'i32') return new Int32Array(buffer, 0, copy.length / 4);
  if (type === 'f32') return new Float32Array(buffer, 0, copy.length / 4);
  return new Float64Array(buffer, 0, copy.length / 8);
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of IEEE 802.3, unsigned. It finds damage, not intent. */
export function crc32(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 255] as number) ^ (value >>> 8);
  return ~value >>> 0;
}
