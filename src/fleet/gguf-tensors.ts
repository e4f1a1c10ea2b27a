import { tensorStorage } from './ggml-types.ts';
import { damaged, type GgufCursor } from './gguf-cursor.ts';

/** Bounds of ggml: GGML_MAX_DIMS and GGML_MAX_NAME. */
const MOST_DIMENSIONS = 4;
const LONGEST_NAME = 63;
const MOST_TENSORS = 65_536;
const SMALLEST_TENSOR_BYTES = 33;

/** One tensor as the head describes it. */
export interface GgufTensor {
  readonly name: string;
  /** Sizes, fastest first. */
  readonly shape: readonly number[];
  /** Number in ggml's `enum ggml_type`. */
  readonly type: number;
  readonly elements: number;
  readonly bytes: number;
  /** Bytes from the start of the data. */
  readonly offset: number;
  /** Where in the file its type stands, four bytes; its offset follows, eight bytes. */
  readonly typeAt: number;
}

export interface TensorList {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Bytes of all tensors, paddings included. */
  readonly tensorBytes: number;
  /** Number of weights. */
  readonly parameterCount: number;
}

/**
 * Reads `count` tensor descriptions. As in ggml's own reader each offset must be the end of the
 * tensor before it, rounded up to `alignment`; so tensors can neither overlap nor leave a hole.
 */
export async function readTensors(
  cursor: GgufCursor,
  count: number,
  alignment: number,
): Promise<TensorList> {
  if (count > MOST_TENSORS || count * SMALLEST_TENSOR_BYTES > cursor.bytesLeft)
    throw damaged(`the header claims ${count} tensors, more than fit,`, cursor.position);
  const tensors = new Map<string, GgufTensor>();
  let tensorBytes = 0;
  let parameterCount = 0;
  for (let index = 0; index < count; index += 1) {
    const tensor = await readTensor(cursor);
    if (tensors.has(tensor.name))
      throw damaged(`the tensor \`${tensor.name}\` is there twice,`, cursor.position);
    tensors.set(tensor.name, tensor);
    if (tensor.offset % alignment !== 0)
      throw damaged(
        `the offset of tensor \`${tensor.name}\` is not aligned to ${alignment},`,
        cursor.position - 8,
      );
    if (tensor.offset !== tensorBytes)
      throw damaged(
        `tensor \`${tensor.name}\` claims offset ${tensor.offset} instead of ${tensorBytes}`,
        cursor.position - 8,
      );
    tensorBytes += roundUp(tensor.bytes, alignment);
    parameterCount += tensor.elements;
    if (!Number.isSafeInteger(tensorBytes) || !Number.isSafeInteger(parameterCount))
      throw damaged('the tensors claim more bytes than any file has', cursor.position);
  }
  return { tensors, tensorBytes, parameterCount };
}

async function readTensor(cursor: GgufCursor): Promise<GgufTensor> {
  const name = await cursor.text(LONGEST_NAME, 'a tensor name');
  const dimensionCount = await cursor.uint32(`the dimensions of \`${name}\``);
  if (dimensionCount < 1 || dimensionCount > MOST_DIMENSIONS)
    throw damaged(`tensor \`${name}\` claims ${dimensionCount} dimensions`, cursor.position - 4);
  let elements = 1;
  const shape: number[] = [];
  for (let dimension = 0; dimension < dimensionCount; dimension += 1) {
    const size = await cursor.uint64(`a dimension of \`${name}\``);
    shape.push(size);
    elements *= size;
    if (size < 1 || !Number.isSafeInteger(elements))
      throw damaged(`tensor \`${name}\` has an absurd shape`, cursor.position - 8);
  }
  const [rowElements = 0] = shape;
  const typeAt = cursor.position;
  const type = await cursor.uint32(`the type of \`${name}\``);
  const storage = tensorStorage(type);
  if (!storage)
    throw damaged(`tensor \`${name}\` has the unknown type ${type}`, cursor.position - 4);
  if (rowElements % storage.blockElements !== 0)
    throw damaged(
      `a row of tensor \`${name}\` (${rowElements}) is no multiple of ${storage.blockElements}`,
      cursor.position - 4,
    );
  const bytes = (elements / storage.blockElements) * storage.blockBytes;
  if (!Number.isSafeInteger(bytes))
    throw damaged(`tensor \`${name}\` claims more bytes than any file has`, cursor.position);
  const offset = await cursor.uint64(`the offset of \`${name}\``);
  return { name, shape, type, elements, bytes, offset, typeAt };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
