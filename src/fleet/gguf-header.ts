import { CadreError } from '../core/errors.ts';
import { damaged, GgufCursor, type ReadBytes } from './gguf-cursor.ts';
import { type GgufValue, readMetadata } from './gguf-metadata.ts';
import { readTensors, roundUp } from './gguf-tensors.ts';

/** What the head of a GGUF file says, after every count, length and offset was checked. */
export interface GgufHeader {
  readonly version: number;
  readonly architecture: string;
  /** Tokens. */
  readonly contextLength: number;
  readonly blockCount: number;
  readonly embeddingLength: number;
  readonly headCount: number;
  /** Key/value heads summed over all blocks. */
  readonly headCountKvTotal: number;
  /** Floats per head. */
  readonly keyLength: number;
  readonly valueLength: number;
  /** Tokens of the vocabulary; 0 when the file has none. */
  readonly vocabularySize: number;
  /** Jinja text, when the file brings one. */
  readonly chatTemplate?: string;
  readonly tensorCount: number;
  readonly tensorBytes: number;
  readonly parameterCount: number;
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
export async function readGgufHeader(read: ReadBytes, fileBytes: number): Promise<GgufHeader> {
  try {
    return await parseHeader(read, fileBytes);
  } catch (error) {
    if (error instanceof CadreError) throw error;
    throw new CadreError('model_damaged', 'the file cannot be read', { cause: error });
  }
}

async function parseHeader(read: ReadBytes, fileBytes: number): Promise<GgufHeader> {
  const cursor = new GgufCursor(read, Math.min(fileBytes, LARGEST_HEAD_BYTES));
  if ((await cursor.uint32('the magic number')) !== MAGIC)
    throw damaged('the file does not start with GGUF', 0);
  const version = await cursor.uint32('the version');
  if (version !== 2 && version !== 3) throw damaged(`GGUF version ${version} is not read`, 4);
  const tensorCount = await cursor.uint64('the tensor count');
  const keyCount = await cursor.uint64('the metadata count');
  const { values, listLengths } = await readMetadata(cursor, keyCount);
  const alignment = alignmentOf(values);
  const totals = await readTensors(cursor, tensorCount, alignment);
  const dataStart = roundUp(cursor.position, alignment);
  // The last tensor's padding may be missing at the end of the file: up to alignment − 1 bytes.
  const least = dataStart + totals.tensorBytes - (alignment - 1);
  if (tensorCount > 0 && fileBytes < least)
    throw new CadreError(
      'model_damaged',
      `the tensors reach to byte ${dataStart + totals.tensorBytes} but the file ends at ${fileBytes}`,
    );
  return {
    version,
    tensorCount,
    ...totals,
    ...shapeOf(values),
    vocabularySize: listLengths.get('tokenizer.ggml.tokens') ?? 0,
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

function shapeOf(values: ReadonlyMap<string, GgufValue>) {
  const architecture = values.get('general.architecture');
  if (typeof architecture !== 'string' || !/^[\w.-]{1,64}$/.test(architecture))
    throw new CadreError('model_damaged', '`general.architecture` is missing or not a name');
  const blockCount = count(values, `${architecture}.block_count`);
  const embeddingLength = count(values, `${architecture}.embedding_length`);
  const headCount = largest(values, `${architecture}.attention.head_count`);
  const headLength = Math.ceil(embeddingLength / headCount);
  const template = values.get('tokenizer.chat_template');
  return {
    architecture,
    contextLength: count(values, `${architecture}.context_length`),
    blockCount,
    embeddingLength,
    headCount,
    headCountKvTotal: kvHeads(values, `${architecture}.attention.head_count_kv`, {
      blockCount,
      headCount,
    }),
    keyLength: count(values, `${architecture}.attention.key_length`, headLength),
    valueLength: count(values, `${architecture}.attention.value_length`, headLength),
    ...(typeof template === 'string' ? { chatTemplate: template } : {}),
  };
}

function count(values: ReadonlyMap<string, GgufValue>, key: string, absent?: number): number {
  const value = values.get(key) ?? absent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 0xffff_ffff)
    throw new CadreError('model_damaged', `\`${key}\` is missing or not a positive number`);
  return value;
}

/** A number per block in some architectures, one number in most. */
function largest(values: ReadonlyMap<string, GgufValue>, key: string): number {
  const value = values.get(key);
  if (!Array.isArray(value)) return count(values, key);
  return count(new Map([[key, Math.max(...value)]]), key);
}

function kvHeads(
  values: ReadonlyMap<string, GgufValue>,
  key: string,
  absent: { readonly blockCount: number; readonly headCount: number },
): number {
  const value = values.get(key);
  if (!Array.isArray(value)) return count(values, key, absent.headCount) * absent.blockCount;
  const total = value.reduce((sum: number, heads: number) => sum + heads, 0);
  return count(new Map([[key, total]]), key);
}
