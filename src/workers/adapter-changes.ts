import type { FileHandle } from 'node:fs/promises';
import { canDecode, decodeBlocks } from '../base/ggml-decode.ts';
import type { LowRankChange } from '../base/low-rank.ts';
import { CadreError } from '../core/errors.ts';
import { tensorStorage } from '../fleet/ggml-types.ts';
import { adaptedTensors, readAdapterHeader } from '../fleet/gguf-adapter.ts';
import type { GgufTensor } from '../fleet/gguf-tensors.ts';
import { readPiece } from './file-piece.ts';

/** What a LoRA adapter changes of its base. */
export interface AdapterChanges {
  /** Names of the base's tensors. */
  readonly names: ReadonlySet<string>;
  /** Of a tensor among the names; undefined for others. Rejects with `adapter_refused`. */
  changeOf(name: string): Promise<LowRankChange | undefined>;
}

/**
 * Opens an adapter that was compared with its base. Its product is scaled by alpha ÷ rank as the
 * engine does it (llama.cpp, `llama_adapter_lora_weight::get_scale`).
 */
export async function openAdapterChanges(file: FileHandle): Promise<AdapterChanges> {
  const read = (offset: number, length: number) => readPiece(file, offset, length);
  const { tensors, alpha, dataStart } = await readAdapterHeader(read, (await file.stat()).size);
  const weightsOf = async (tensor: GgufTensor) => {
    const { name, type, offset, bytes } = tensor;
    const storage = tensorStorage(type);
    if (storage === undefined || !canDecode(type))
      throw new CadreError('adapter_refused', `\`${name}\` is of type ${type}, which is not read`);
    return decodeBlocks(type, await read(dataStart + offset, bytes), storage);
  };
  return {
    names: adaptedTensors(tensors),
    async changeOf(name) {
      const down = tensors.get(`${name}.lora_a`);
      const up = tensors.get(`${name}.lora_b`);
      if (down === undefined || up === undefined) return undefined;
      const [width = 0, rank = 0] = down.shape;
      return {
        width,
        rank,
        scale: alpha / rank,
        down: await weightsOf(down),
        up: await weightsOf(up),
      };
    },
  };
}
