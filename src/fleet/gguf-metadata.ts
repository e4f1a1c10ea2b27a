import { damaged, type GgufCursor } from './gguf-cursor.ts';

export type GgufValue = string | number | boolean | readonly number[];

/** Bounds far above any published model (largest seen: 33 keys, 152,000 tokens, 7 KB template). */
const MOST_KEYS = 4096;
const LONGEST_KEY = 512;
const LONGEST_TEXT = 1_048_576;
const LONGEST_LIST_KEPT = 4096;
const LONGEST_LIST = 4_000_000;
const SMALLEST_KEY_BYTES = 13;

const UINT32 = 4;
const TEXT = 8;
const LIST = 9;
/** Bytes per value, by metadata type (GGUF specification, `gguf_metadata_value_type`). */
const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [UINT32, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);

/**
 * Reads `keyCount` metadata pairs. Lists of strings and long lists are walked and checked but not
 * kept. The key's own count is the length of the returned `listLengths`; `places` says where in the
 * file the value of a number stands.
 */
export async function readMetadata(cursor: GgufCursor, keyCount: number) {
  if (keyCount > MOST_KEYS || keyCount * SMALLEST_KEY_BYTES > cursor.bytesLeft)
    throw damaged(`the header claims ${keyCount} metadata keys, more than fit,`, cursor.position);
  const values = new Map<string, GgufValue>();
  const listLengths = new Map<string, number>();
  const places = new Map<string, number>();
  for (let index = 0; index < keyCount; index += 1) {
    const key = await cursor.text(LONGEST_KEY, 'a metadata key');
    if (values.has(key) || listLengths.has(key))
      throw damaged(`the metadata key \`${key}\` is there twice,`, cursor.position);
    const type = await cursor.uint32(`the type of \`${key}\``);
    if (type === TEXT) values.set(key, await cursor.text(LONGEST_TEXT, `\`${key}\``));
    else if (type === LIST) {
      const list = await readList(cursor, key);
      listLengths.set(key, list.length);
      if (list.values) values.set(key, list.values);
    } else {
      places.set(key, cursor.position);
      values.set(key, await readScalar(cursor, type, key));
    }
  }
  return { values, listLengths, places };
}

async function readScalar(cursor: GgufCursor, type: number, key: string) {
  const size = VALUE_BYTES.get(type);
  if (size === undefined)
    throw damaged(`\`${key}\` has the unknown type ${type}`, cursor.position - 4);
  const start = cursor.position;
  const view = await cursor.bytes(size, `\`${key}\``);
  const value = decode(view, 0, type);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw damaged(`\`${key}\` is not a number`, start);
  return value;
}

async function readList(cursor: GgufCursor, key: string) {
  const type = await cursor.uint32(`the element type of \`${key}\``);
  const length = await cursor.uint64(`the length of \`${key}\``);
  if (length > LONGEST_LIST)
    throw damaged(`\`${key}\` claims ${length} elements`, cursor.position - 8);
  if (type === TEXT) {
    await cursor.skipTexts(length, LONGEST_TEXT, `\`${key}\``);
    return { length, values: undefined };
  }
  const size = VALUE_BYTES.get(type);
  if (size === undefined)
    throw damaged(`\`${key}\` lists the unknown type ${type}`, cursor.position - 12);
  if (length > LONGEST_LIST_KEPT) {
    cursor.skip(length * size, `\`${key}\``);
    return { length, values: undefined };
  }
  const view = await cursor.bytes(length * size, `\`${key}\``);
  const values: number[] = [];
  for (let index = 0; index < length; index += 1)
    values.push(Number(decode(view, index * size, type)));
  return { length, values };
}

function decode(view: DataView, at: number, type: number): number | boolean {
  switch (type) {
    case 0:
      return view.getUint8(at);
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getUint16(at, true);
    case 3:
      return view.getInt16(at, true);
    case UINT32:
      return view.getUint32(at, true);
    case 5:
      return view.getInt32(at, true);
    case 6:
      return view.getFloat32(at, true);
    case 7:
      return view.getUint8(at) !== 0;
    case 10:
      return Number(view.getBigUint64(at, true));
    case 11:
      return Number(view.getBigInt64(at, true));
    default:
      return view.getFloat64(at, true);
  }
}
