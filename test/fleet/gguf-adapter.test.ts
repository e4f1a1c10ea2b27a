import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdapterHeader, requireBase } from '../../src/fleet/gguf-adapter.ts';
import { type GgufHeader, readGgufHeader } from '../../src/fleet/gguf-header.ts';
import { ggufFile, type HeadClaim, type MetadataValue } from '../fixtures/gguf-head.ts';
import {
  RANDOM_MODEL_TARGETS,
  type RandomAdapterOptions,
  writeRandomAdapter,
} from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';

const BASE = { id: 'random', hash: 'a'.repeat(64) };
const folder = mkdtempSync(join(tmpdir(), 'cadre-adapter-'));
let base: GgufHeader;

const bytesReader = (file: Uint8Array) => async (offset: number, length: number) =>
  file.subarray(offset, offset + length);

beforeAll(async () => {
  const path = join(folder, 'base.gguf');
  writeRandomModel(path, { seed: 1 });
  const file = readFileSync(path);
  base = await readGgufHeader(bytesReader(file), file.length);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function headerOf(options: Partial<RandomAdapterOptions> = {}) {
  const path = join(folder, 'adapter.gguf');
  const usual = { seed: 1, rank: 4, alpha: 8, exponent: -2, targets: RANDOM_MODEL_TARGETS };
  writeRandomAdapter(path, { ...usual, ...options });
  const file = readFileSync(path);
  return readAdapterHeader(bytesReader(file), file.length);
}

async function refusal(options: Partial<RandomAdapterOptions>): Promise<string> {
  const adapter = await headerOf(options);
  try {
    requireBase(adapter, base, BASE);
  } catch (error) {
    expect(error).toMatchObject({ code: 'adapter_refused' });
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('an adapter of this base', () => {
  it('is read and taken', async () => {
    const adapter = await headerOf();
    expect(adapter).toMatchObject({ architecture: 'llama', alpha: 8 });
    expect(adapter.tensors.size).toBe(12);
    expect(adapter.tensors.get('blk.1.attn_v.weight.lora_b')?.shape).toEqual([4, 16]);
    expect(() => requireBase(adapter, base, BASE)).not.toThrow();
  });

  it('may change the embedding, whose parts lie the other way', async () => {
    const parts = new Map([
      ['token_embd.weight.lora_a', tensorOf(4, 262)],
      ['token_embd.weight.lora_b', tensorOf(4, 32)],
    ]);
    const header = { ...(await headerOf()), tensors: parts };
    expect(() => requireBase(header, base, BASE)).not.toThrow();
    parts.set('token_embd.weight.lora_a', tensorOf(262, 4));
    expect(() => requireBase(header, base, BASE)).toThrow('token_embd.weight');
  });

  it('may name the very file', async () => {
    const adapter = await headerOf({ baseHash: BASE.hash });
    expect(() => requireBase(adapter, base, BASE)).not.toThrow();
  });
});

describe('an adapter of another base is refused', () => {
  it('by its architecture', async () => {
    expect(await refusal({ architecture: 'qwen2' })).toContain('made for a qwen2');
  });

  it('by the file that it names', async () => {
    expect(await refusal({ baseHash: 'b'.repeat(64) })).toContain('made for the file bbbbbbbbbbbb');
  });

  it('by a block that is not there, by name', async () => {
    const targets = [['blk.2.attn_q.weight', [32, 32]]] as const;
    expect(await refusal({ targets })).toContain('`blk.2.attn_q.weight`, which random does not');
  });

  it('by either size of a tensor, with both', async () => {
    for (const sizes of [
      [64, 32],
      [32, 64],
    ])
      expect(await refusal({ targets: [['blk.0.attn_q.weight', sizes]] })).toMatch(
        /× 4 and 4 × .*32 × 32 of random/,
      );
  });
});

describe('what is no adapter is refused', () => {
  const text = (value: string): MetadataValue => ({ type: 8, value });
  const METADATA: readonly (readonly [string, MetadataValue])[] = [
    ['general.architecture', text('llama')],
    ['general.type', text('adapter')],
    ['adapter.type', text('lora')],
    ['adapter.lora.alpha', { type: 4, value: 8 }],
  ];
  const tensor = (name: string, offset: number) => ({ name, shape: [32, 4], type: 0, offset });
  const TENSORS = [tensor('x.weight.lora_a', 0), tensor('x.weight.lora_b', 512)];
  const read = (claim: HeadClaim) => {
    const file = ggufFile({ metadata: METADATA, tensors: TENSORS, ...claim }, 1536);
    return readAdapterHeader(bytesReader(file), file.length);
  };
  const refused = (message: string) => ({
    code: 'adapter_refused',
    message: expect.stringContaining(message),
  });

  it('while the same file with nothing wrong is read', async () => {
    expect((await read({})).tensors.size).toBe(2);
  });

  it('a model', async () => {
    const path = join(folder, 'base.gguf');
    const file = readFileSync(path);
    const reading = readAdapterHeader(bytesReader(file), file.length);
    await expect(reading).rejects.toMatchObject(refused('is this a model?'));
  });

  it('another kind of adapter, one without alpha, one of alpha 0', async () => {
    const other = METADATA.with(2, ['adapter.type', text('control_vector')]);
    await expect(read({ metadata: other })).rejects.toMatchObject(refused('control_vector'));
    const without = METADATA.slice(0, 3);
    await expect(read({ metadata: without })).rejects.toMatchObject(refused('alpha` is missing'));
    const zero = METADATA.with(3, ['adapter.lora.alpha', { type: 4, value: 0 }]);
    await expect(read({ metadata: zero })).rejects.toMatchObject(refused('alpha` is 0'));
  });

  it('half a pair, a tensor of another kind, no tensor', async () => {
    const half = read({ tensors: TENSORS.slice(0, 1) });
    await expect(half).rejects.toMatchObject(refused('x.weight.lora_b` is missing'));
    const norm = read({ tensors: [...TENSORS, tensor('x_norm.weight', 1024)] });
    await expect(norm).rejects.toMatchObject(refused('`x_norm.weight` is no part'));
    const other = read({ tensors: [tensor('x.weight', 0)] });
    await expect(other).rejects.toMatchObject(refused('`x.weight` is no part'));
    await expect(read({ tensors: [] })).rejects.toMatchObject(refused('no tensors'));
  });

  it('a file that is cut', async () => {
    const file = ggufFile({ metadata: METADATA, tensors: TENSORS }, 512);
    const reading = readAdapterHeader(bytesReader(file), file.length);
    await expect(reading).rejects.toMatchObject({ code: 'model_damaged' });
  });
});

function tensorOf(...shape: number[]) {
  return { name: '', shape, type: 0, elements: 0, bytes: 0, offset: 0, typeAt: 0 };
}
