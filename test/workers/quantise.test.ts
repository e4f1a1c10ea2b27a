import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quantiseFile } from '../../src/adapters/models/quantiser.ts';
import { F32, Q4_0, Q8_0 } from '../../src/base/ggml-decode.ts';
import { readGgufHead } from '../../src/fleet/gguf-head.ts';
import { NEVER, randomModel } from './llama-harness.ts';

const QUIET = { signal: NEVER, onProgress: () => undefined };

async function headOf(path: string) {
  const bytes = readFileSync(path);
  return readGgufHead(
    async (offset, length) => bytes.subarray(offset, offset + length),
    bytes.length,
  );
}

describe('quantiseFile', () => {
  let model: ReturnType<typeof randomModel>;
  let target: string;
  beforeEach(() => {
    model = randomModel();
    target = join(dirname(model.path), 'made.gguf');
  });
  afterEach(() => model.remove());

  it('changes the matrices alone, and the tables of tokens less', async () => {
    const made = await quantiseFile({ source: model.path, target, format: 'q4_0' }, QUIET);
    expect(made.bytes).toBe(readFileSync(target).length);
    const [before, after] = [await headOf(model.path), await headOf(target)];
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
    expect(after.tensors.get('blk.0.attn_q.weight')?.type).toBe(Q4_0);
    expect(after.tensors.get('token_embd.weight')?.type).toBe(Q8_0);
    expect(after.tensors.get('blk.0.attn_norm.weight')?.type).toBe(F32);
    expect(made.weightError).toBeGreaterThan(0.02);
    expect(made.weightError).toBeLessThan(0.12);
  });

  it('gives the same bytes each time', async () => {
    const first = await quantiseFile({ source: model.path, target, format: 'q5_0' }, QUIET);
    const again = await quantiseFile({ source: model.path, target, format: 'q5_0' }, QUIET);
    expect(again.sha256).toBe(first.sha256);
  });

  it('leaves no file where it does not end well', async () => {
    writeFileSync(model.path, readFileSync(model.path).subarray(0, 60_000));
    const order = { source: model.path, target, format: 'q4_0' } as const;
    await expect(quantiseFile(order, QUIET)).rejects.toMatchObject({ code: 'model_damaged' });
    expect(existsSync(target)).toBe(false);
    const stopped = new AbortController();
    const work = quantiseFile(order, { ...QUIET, signal: stopped.signal });
    stopped.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(existsSync(target)).toBe(false);
  });
});
