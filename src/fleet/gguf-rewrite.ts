import { canDecode, Q4_0, Q5_0, Q8_0 } from '../base/ggml-decode.ts';
import { CadreError } from '../core/errors.ts';
import type { Quantisation } from '../core/quantisation.ts';
import { tensorStorage } from './ggml-types.ts';
import type { GgufHead } from './gguf-head.ts';
import { type GgufTensor, roundUp } from './gguf-tensors.ts';

const BLOCK = 32;

/**
 * ggml's type of the tensors, that of those before a gate where it is another, and llama.cpp's number for
 * a file of them (`enum llama_ftype`).
 */
interface Types {
  readonly type: number;
  readonly gateType?: number;
  readonly fileType: number;
}

const TYPES: Readonly<Record<Quantisation, Types>> = {
  q8_0: { type: Q8_0, fileType: 7 },
  q5_0: { type: Q5_0, fileType: 8 },
  q8_4: { type: Q8_0, gateType: Q4_0, fileType: 7 },
  q4_0: { type: Q4_0, fileType: 2 },
};
const BEFORE_GATE = /\.ffn_(?:gate|up)\.weight$/;

/** A tensor with the place and form that it gets. */
export interface RewrittenTensor {
  readonly from: GgufTensor;
  readonly type: number;
  readonly bytes: number;
  /** From the start of the data. */
  readonly offset: number;
}

/** How a file of a model is rewritten in another format; the head keeps its length. */
export interface RewritePlan {
  readonly tensors: readonly RewrittenTensor[];
  readonly fileBytes: number;
  readonly tensorBytes: number;
  /** Tensors that get coarser. */
  readonly changed: number;
}

/** Of a model that stays as it was taught. */
const NONE: ReadonlySet<string> = new Set();

/**
 * Matrices get the format, where that makes them smaller; those of the names `adapted`, whose weights
 * change, get it in any case. What is read for every token or is small stays as exact as it is: norms
 * and biases; and the tables of the tokens, in and out, get no coarser than q8_0, for every token's
 * probability hangs on them. Throws `invalid_request` where a tensor is of a type that cannot be read,
 * `adapter_refused` where an adapted one has no place in the format.
 */
export function planRewrite(
  head: GgufHead,
  format: Quantisation,
  adapted: ReadonlySet<string> = NONE,
): RewritePlan {
  let offset = 0;
  let changed = 0;
  const tensors = [...head.tensors.values()].map((from) => {
    const isAdapted = adapted.has(from.name);
    const type = isAdapted ? typeOfAdapted(from, format) : typeFor(from, format);
    const bytes = bytesOf(from, type);
    const rewritten = { from, type, bytes, offset };
    offset += roundUp(bytes, head.alignment);
    if (isAdapted || type !== from.type) changed += 1;
    return rewritten;
  });
  return { tensors, tensorBytes: offset, fileBytes: head.dataStart + offset, changed };
}

function typeFor(tensor: GgufTensor, format: Quantisation): number {
  const { type } = tensor;
  const wanted = isTokenTable(tensor) ? Q8_0 : typeOfName(tensor, format);
  const isSmaller =
    tensor.shape.length > 1 &&
    (tensor.shape[0] ?? 0) % BLOCK === 0 &&
    bytesOf(tensor, wanted) < tensor.bytes;
  if (!isSmaller) return type;
  requireReadable(tensor);
  return wanted;
}

function typeOfName({ name }: GgufTensor, format: Quantisation): number {
  const { type, gateType = type } = TYPES[format];
  return BEFORE_GATE.test(name) ? gateType : type;
}

function requireReadable({ name, type }: GgufTensor): void {
  if (canDecode(type)) return;
  throw new CadreError(
    'invalid_request',
    `the tensor \`${name}\` is of type ${type}, which is not read; take a file of F16, BF16, Q8_0, Q4_K, Q5_K or Q6_K`,
    { param: 'model' },
  );
}

/**
 * The engine adds an adapter of the tokens' table to what is read and not to what is written, though one
 * table may serve both: no single file does as the two together.
 */
function typeOfAdapted(tensor: GgufTensor, format: Quantisation): number {
  requireReadable(tensor);
  const [width = 0] = tensor.shape;
  const why = isTokenTable(tensor)
    ? 'changes the table of tokens'
    : width % BLOCK === 0
      ? undefined
      : `changes rows of ${width} weights, no multiple of ${BLOCK},`;
  if (why === undefined) return typeOfName(tensor, format);
  throw new CadreError(
    'adapter_refused',
    `the adapter ${why} (\`${tensor.name}\`); it is served beside its base alone`,
  );
}

function isTokenTable({ name }: GgufTensor): boolean {
  return name === 'token_embd.weight' || name === 'output.weight';
}

function bytesOf({ elements }: GgufTensor, type: number): number {
  const storage = tensorStorage(type);
  if (storage === undefined) throw new RangeError(`type ${type} is not known`);
  return (elements / storage.blockElements) * storage.blockBytes;
}

/** The head of the new file: that of the old one with other types, offsets and name of the form. */
export function rewriteHead(
  bytesBefore: Uint8Array,
  head: GgufHead,
  plan: RewritePlan,
  format: Quantisation,
): Uint8Array {
  const bytes = Uint8Array.from(bytesBefore.subarray(0, head.dataStart));
  const view = new DataView(bytes.buffer);
  for (const { from, type, offset } of plan.tensors) {
    view.setUint32(from.typeAt, type, true);
    view.setBigUint64(from.typeAt + 4, BigInt(offset), true);
  }
  if (head.fileTypeAt !== undefined) view.setUint32(head.fileTypeAt, TYPES[format].fileType, true);
  return bytes;
}
