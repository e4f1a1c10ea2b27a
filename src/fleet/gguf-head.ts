import { CadreError } from '../core/errors.ts';
import { damaged, GgufCursor, type ReadBytes } from './gguf-cursor.ts';
import { type GgufValue, readMetadata } from './gguf-metadata.ts';
import { readTensors, roundUp, type TensorList } from './gguf-tensors.ts';

/** What every GGUF file begins with, model or adapter, after each count, length and offset was checked. */
export interface GgufHead extends TensorList {
  readonly version: number;
  readonly values: ReadonlyMap<string, GgufValue>;
  readonly listLengths: ReadonlyMap<string, number>;
  /** First byte of the tensors' data, and what each tensor is aligned to. */
  readonly dataStart: number;
  readonly alignment: number;
  /** Where in the file `general.file_type` stands, four bytes; absent where it does not say it. */
  readonly fileTypeAt?: number;
}

/** 0x46554747 little-endian: the letters GGUF. */
const MAGIC = 0x46_55_47_47;
const DEFAULT_ALIGNMENT = 32;
const LARGEST_ALIGNMENT = 1_048_576;
/** The largest head seen is 6 MB (152,000 tokens, 151,000 merges). */
const LARGEST_HEAD_BYTES = 134_217_728;

/**
 * Checks the head of a GGUF file (specification: ggml/docs/gguf.md, versions 2 and 3) before
 * native code sees it: native readers abort the whole process on some of these. Throws
 * `model_damaged` saying what is wrong and at which byte.
 */
export async function readGgufHead(read: ReadBytes, fileBytes: number): Promise<GgufHead> {
  try {
    return await parseHead(read, fileBytes);
  } catch (error) {
    if (error instanceof CadreError) throw error;
    throw new CadreError('model_damaged', 'the file cannot be read', { cause: error });
  }
}

async function parseHead(read: ReadBytes, fileBytes: number): Promise<GgufHead> {
  const cursor = new GgufCursor(read, Math.min(fileBytes, LARGEST_HEAD_BYTES));
  if ((await cursor.uint32('the magic number')) !== MAGIC)
    throw damaged('the file does not start with GGUF', 0);
  const version = await cursor.uint32('the version');
  if (version !== 2 && version !== 3) throw damaged(`GGUF version ${version} is not read`, 4);
  const tensorCount = await cursor.uint64('the tensor count');
  const keyCount = await cursor.uint64('the metadata count');
  const { values, listLengths, places } = await readMetadata(cursor, keyCount);
  const alignment = alignmentOf(values);
  const list = await readTensors(cursor, tensorCount, alignment);
  const dataStart = roundUp(cursor.position, alignment);
  // The last tensor's padding may be missing at the end of the file: up to alignment − 1 bytes.
  const least = dataStart + list.tensorBytes - (alignment - 1);
  if (tensorCount > 0 && fileBytes < least)
    throw new CadreError(
      'model_damaged',
      `the tensors reach to byte ${dataStart + list.tensorBytes} but the file ends at ${fileBytes}`,
    );
  const fileTypeAt = places.get('general.file_type');
  return {
    version,
    values,
    listLengths,
    dataStart,
    alignment,
    ...(fileTypeAt === undefined ? {} : { fileTypeAt }),
    ...list,
  };
}

function alignmentOf(values: ReadonlyMap<string, GgufValue>): number {
  const alignment = values.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPower =
    typeof alignment === 'number' &&
    Number.isInteger(alignment) &&
    alignment >= 1 &&
    alignment <= LARGEST_ALIGNMENT &&
    Number.isInteger(Math.log2(alignment));
  if (!isPower)
    throw new CadreError(
      'model_damaged',
      `\`general.alignment\` is ${String(alignment)}, not a power of two up to ${LARGEST_ALIGNMENT}`,
    );
  return alignment;
}
