import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { QuantiseOrder, QuantiseReply } from '../adapters/models/quantiser.ts';
import { decodeBlocks } from '../base/ggml-decode.ts';
import { encodeBlocks } from '../base/ggml-encode.ts';
import { toCadreError } from '../core/errors.ts';
import { type TensorStorage, tensorStorage } from '../fleet/ggml-types.ts';
import { type GgufHead, readGgufHead } from '../fleet/gguf-head.ts';
import { planRewrite, type RewrittenTensor, rewriteHead } from '../fleet/gguf-rewrite.ts';

/** Weights in memory at once; a whole number of blocks of every type. */
const PIECE_ELEMENTS = 1 << 20;
/** Bytes between two words about progress. */
const TOLD_BYTES = 8_000_000;

/** Rewrites one model's file in another format, piece by piece, and ends. */
class Rewriter {
  readonly #hash = createHash('sha256');
  readonly #source: FileHandle;
  readonly #target: FileHandle;
  #written = 0;
  #told = 0;
  #squares = 0;
  #errors = 0;

  constructor(source: FileHandle, target: FileHandle) {
    this.#source = source;
    this.#target = target;
  }

  async run(format: QuantiseOrder['format']): Promise<QuantiseReply> {
    const head = await readGgufHead(
      (offset, length) => this.#read(offset, length),
      (await this.#source.stat()).size,
    );
    const plan = planRewrite(head, format);
    await this.#write(rewriteHead(await this.#read(0, head.dataStart), head, plan, format));
    for (const tensor of plan.tensors) {
      await this.#pad(head.dataStart + tensor.offset);
      await this.#copy(head, tensor, plan.fileBytes);
    }
    await this.#pad(plan.fileBytes);
    await this.#target.sync();
    return {
      type: 'made',
      sha256: this.#hash.digest('hex'),
      bytes: this.#written,
      weightError: this.#squares === 0 ? 0 : Math.sqrt(this.#errors / this.#squares),
    };
  }

  async #copy(head: GgufHead, tensor: RewrittenTensor, total: number): Promise<void> {
    const { from, type } = tensor;
    const storage = storageOf(from.type);
    const start = head.dataStart + from.offset;
    const pieceBytes = (PIECE_ELEMENTS / storage.blockElements) * storage.blockBytes;
    for (let at = 0; at < from.bytes; at += pieceBytes) {
      const piece = await this.#read(start + at, Math.min(pieceBytes, from.bytes - at));
      await this.#write(
        type === from.type ? piece : this.#encode(piece, from.type, type, at === 0),
      );
      if (this.#written - this.#told < TOLD_BYTES) continue;
      this.#told = this.#written;
      send({ type: 'progress', done: this.#written, total });
    }
  }

  /** The error is measured on the first piece of each matrix: more would take as long again. */
  #encode(piece: Uint8Array, from: number, to: number, isFirst: boolean): Uint8Array {
    const weights = decodeBlocks(from, piece, storageOf(from));
    const encoded = encodeBlocks(to, weights);
    if (isFirst) {
      const again = decodeBlocks(to, encoded, storageOf(to));
      for (const [index, weight] of weights.entries()) {
        this.#squares += weight * weight;
        this.#errors += (weight - (again[index] ?? 0)) ** 2;
      }
    }
    return encoded;
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#source.read(
        bytes,
        filled,
        length - filled,
        offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    let done = 0;
    while (done < bytes.length)
      done += (await this.#target.write(bytes, done, bytes.length - done)).bytesWritten;
    this.#written += bytes.length;
  }

  async #pad(until: number): Promise<void> {
    if (until > this.#written) await this.#write(new Uint8Array(until - this.#written));
  }
}

function storageOf(type: number): TensorStorage {
  const storage = tensorStorage(type);
  if (storage === undefined) throw new RangeError(`type ${type} is not known`);
  return storage;
}

function send(reply: QuantiseReply): void {
  parentPort?.postMessage(reply);
}

async function run({ source, target, format }: QuantiseOrder): Promise<void> {
  const from = await open(source);
  const to = await open(target, 'w');
  try {
    send(await new Rewriter(from, to).run(format));
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

await run(workerData as QuantiseOrder).catch((thrown: unknown) => {
  const isFull = (thrown as NodeJS.ErrnoException).code === 'ENOSPC';
  const { code, message } = toCadreError(thrown);
  send({ type: 'failed', code: isFull ? 'disk_full' : code, message });
});
