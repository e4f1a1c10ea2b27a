import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { QuantiseOrder, QuantiseReply } from '../adapters/models/quantiser.ts';
import { giveWay } from '../adapters/threads/give-way.ts';
import { decodeBlocks } from '../base/ggml-decode.ts';
import { encodeBlocks } from '../base/ggml-encode.ts';
import { addLowRank, type LowRankChange } from '../base/low-rank.ts';
import { toCadreError } from '../core/errors.ts';
import { type TensorStorage, tensorStorage } from '../fleet/ggml-types.ts';
import { type GgufHead, readGgufHead } from '../fleet/gguf-head.ts';
import { planRewrite, type RewrittenTensor, rewriteHead } from '../fleet/gguf-rewrite.ts';
import { type AdapterChanges, openAdapterChanges } from './adapter-changes.ts';
import { readPiece } from './file-piece.ts';

/** Weights in memory at once; a whole number of blocks of every type. */
const PIECE_ELEMENTS = 1 << 20;
/** Bytes between two words about progress. */
const TOLD_BYTES = 8_000_000;

/** Rewrites one model's file in another format, with an adapter where there is one, piece by piece. */
class Rewriter {
  readonly #hash = createHash('sha256');
  readonly #source: FileHandle;
  readonly #target: FileHandle;
  readonly #changes: AdapterChanges | undefined;
  #written = 0;
  #told = 0;
  #squares = 0;
  #errors = 0;

  constructor(source: FileHandle, target: FileHandle, changes: AdapterChanges | undefined) {
    this.#source = source;
    this.#target = target;
    this.#changes = changes;
  }

  async run(format: QuantiseOrder['format']): Promise<QuantiseReply> {
    const head = await readGgufHead(
      (offset, length) => this.#read(offset, length),
      (await this.#source.stat()).size,
    );
    const plan = planRewrite(head, format, this.#changes?.names);
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
    const change = await this.#changes?.changeOf(from.name);
    const start = head.dataStart + from.offset;
    const pieceBytes = (PIECE_ELEMENTS / storage.blockElements) * storage.blockBytes;
    for (let at = 0; at < from.bytes; at += pieceBytes) {
      const piece = await this.#read(start + at, Math.min(pieceBytes, from.bytes - at));
      const first = (at / storage.blockBytes) * storage.blockElements;
      await this.#write(
        type === from.type && change === undefined
          ? piece
          : this.#encode(piece, tensor, first, change),
      );
      if (this.#written - this.#told < TOLD_BYTES) continue;
      this.#told = this.#written;
      send({ type: 'progress', done: this.#written, total });
    }
  }

  /**
   * `first`: the tensor's element that the piece begins with. The error is measured on the first piece of
   * each matrix: more would take as long again.
   */
  #encode(
    piece: Uint8Array,
    { from, type }: RewrittenTensor,
    first: number,
    change: LowRankChange | undefined,
  ): Uint8Array {
    const weights = decodeBlocks(from.type, piece, storageOf(from.type));
    if (change !== undefined) addLowRank(weights, first, change);
    const encoded = encodeBlocks(type, weights);
    if (first === 0) {
      const again = decodeBlocks(type, encoded, storageOf(type));
      for (const [index, weight] of weights.entries()) {
        this.#squares += weight * weight;
        this.#errors += (weight - (again[index] ?? 0)) ** 2;
      }
    }
    return encoded;
  }

  #read(offset: number, length: number): Promise<Uint8Array> {
    return readPiece(this.#source, offset, length);
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

async function run({ source, target, format, adapter }: QuantiseOrder): Promise<void> {
  const opened: FileHandle[] = [];
  const openFile = async (path: string, flags: string) => {
    const file = await open(path, flags);
    opened.push(file);
    return file;
  };
  try {
    const from = await openFile(source, 'r');
    const changes =
      adapter === undefined ? undefined : await openAdapterChanges(await openFile(adapter, 'r'));
    const to = await openFile(target, 'w');
    send(await new Rewriter(from, to, changes).run(format));
  } finally {
    await Promise.all(opened.map((file) => file.close()));
  }
}

giveWay();
await run(workerData as QuantiseOrder).catch((thrown: unknown) => {
  const isFull = (thrown as NodeJS.ErrnoException).code === 'ENOSPC';
  const { code, message } = toCadreError(thrown);
  send({ type: 'failed', code: isFull ? 'disk_full' : code, message });
});
