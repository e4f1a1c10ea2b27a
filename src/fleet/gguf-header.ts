import { CadreError } from '../core/errors.ts';
import type { ReadBytes } from './gguf-cursor.ts';
import { type GgufHead, readGgufHead } from './gguf-head.ts';
import type { GgufValue } from './gguf-metadata.ts';

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
  /** By name, in the order of the file. */
  readonly tensors: GgufHead['tensors'];
  readonly tensorCount: number;
  readonly tensorBytes: number;
  readonly parameterCount: number;
}

/** Checks the head of a model's GGUF file as `readGgufHead` does, and what the fleet asks of it. */
export async function readGgufHeader(read: ReadBytes, fileBytes: number): Promise<GgufHeader> {
  const head = await readGgufHead(read, fileBytes);
  const { version, values, listLengths, tensors, tensorBytes, parameterCount } = head;
  return {
    version,
    tensors,
    tensorCount: tensors.size,
    tensorBytes,
    parameterCount,
    ...shapeOf(values),
    vocabularySize: listLengths.get('tokenizer.ggml.tokens') ?? 0,
  };
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
