import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { readGgufHeader } from '../../src/fleet/gguf-header.ts';
import { cacheBytes, estimateMemory } from '../../src/fleet/gguf-memory.ts';
import {
  ggufFile,
  type HeadClaim,
  HONEST_METADATA,
  HONEST_TENSORS,
  uint32,
  uint64,
} from '../fixtures/gguf-head.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';

/** Reads from memory and counts, so that a lying count that loops is seen. */
function reading(file: Uint8Array) {
  let reads = 0;
  const read = async (offset: number, length: number) => {
    reads += 1;
    return file.subarray(offset, offset + length);
  };
  return { check: () => readGgufHeader(read, file.length), reads: () => reads };
}

async function problemOf(file: Uint8Array): Promise<string> {
  const error = await reading(file)
    .check()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(CadreError);
  expect((error as CadreError).code).toBe('model_damaged');
  return (error as CadreError).message;
}

const lying = (claim: HeadClaim) => problemOf(ggufFile(claim));
const withKey = (key: string, value: number) =>
  HONEST_METADATA.map((pair) => (pair[0] === key ? ([key, { type: 4, value }] as const) : pair));

describe('reading an honest head', () => {
  it('tells what the memory estimate needs', async () => {
    const header = await reading(ggufFile()).check();
    expect(header).toMatchObject({
      version: 3,
      architecture: 'llama',
      contextLength: 256,
      blockCount: 2,
      embeddingLength: 32,
      headCount: 4,
      headCountKvTotal: 4,
      keyLength: 8,
      valueLength: 8,
      vocabularySize: 3,
      tensorCount: 2,
      tensorBytes: 512,
      parameterCount: 128,
    });
    // 10 tokens × 4 kv heads × (8 + 8) floats × 2 bytes.
    expect(cacheBytes(header, 10)).toBe(1280);
    expect(estimateMemory(header, 100_000, 2) - estimateMemory(header, 100_000, 1)).toBe(
      cacheBytes(header, 256),
    );
  });

  it('reads a vocabulary that is longer than one window', async () => {
    const values = Array.from({ length: 60_000 }, (_, index) => `token-${index}`);
    const metadata = HONEST_METADATA.map((pair) =>
      pair[0] === 'tokenizer.ggml.tokens' ? ([pair[0], { type: 9, of: 8, values }] as const) : pair,
    );
    const file = reading(ggufFile({ metadata }));
    expect((await file.check()).vocabularySize).toBe(60_000);
    expect(file.reads()).toBeLessThan(12);
  });
});

describe('refusing a lying head', () => {
  it('names a wrong magic and a wrong version', async () => {
    expect(await lying({ magic: 'GGML' })).toContain('does not start with GGUF');
    expect(await lying({ version: 1 })).toContain('version 1');
    expect(await lying({ version: 0x03_00_00_00 })).toContain('version');
  });

  it('refuses counts that do not fit in the file, without reading on', async () => {
    for (const count of [2n ** 63n, 2n ** 40n, 65_000n]) {
      expect(await lying({ tensorCount: count })).toMatch(/tensors|absurd/);
      expect(await lying({ keyCount: count })).toMatch(/metadata|absurd/);
    }
    const file = reading(ggufFile({ tensorCount: 60_000n }));
    await expect(file.check()).rejects.toThrow();
    expect(file.reads()).toBe(1);
  });

  it('refuses a string that is longer than the file', async () => {
    const head = Buffer.concat([
      Buffer.from('GGUF'),
      uint32(3),
      uint64(0n),
      uint64(1n),
      uint64(2n ** 33n),
      Buffer.alloc(64),
    ]);
    expect(await problemOf(head)).toContain('8589934592 bytes');
  });

  it('refuses unknown types, doubled keys and doubled tensors', async () => {
    const twice = [...HONEST_METADATA, ...HONEST_METADATA.slice(0, 1)];
    expect(await lying({ metadata: twice })).toContain('twice');
    const [first, second] = HONEST_TENSORS;
    if (!first || !second) throw new Error('two tensors are expected');
    expect(await lying({ tensors: [first, { ...second, name: first.name }] })).toContain('twice');
    expect(await lying({ tensors: [{ ...first, type: 4 }] })).toContain('unknown type 4');
    expect(await lying({ tensors: [{ ...first, type: 2, shape: [31] }] })).toContain('multiple');
    expect(await lying({ tensors: [{ ...first, shape: [2 ** 40, 2 ** 40] }] })).toContain('absurd');
  });

  it('refuses offsets that are crooked, overlapping or outside', async () => {
    const [first, second] = HONEST_TENSORS;
    if (!first || !second) throw new Error('two tensors are expected');
    expect(await lying({ tensors: [first, { ...second, offset: 385 }] })).toContain('not aligned');
    expect(await lying({ tensors: [first, { ...second, offset: 32 }] })).toContain(
      'instead of 384',
    );
    expect(await problemOf(ggufFile({}, 100))).toContain('the file ends at');
  });

  it('refuses an alignment that is no power of two, and missing shapes', async () => {
    const crooked = [...HONEST_METADATA, ['general.alignment', { type: 4, value: 48 }] as const];
    expect(await lying({ metadata: crooked })).toContain('power of two');
    expect(await lying({ metadata: withKey('llama.attention.head_count', 0) })).toContain(
      'head_count',
    );
    expect(await lying({ metadata: HONEST_METADATA.slice(1) })).toContain('general.architecture');
  });

  it('tells a cut at every byte of the head', async () => {
    const file = ggufFile();
    for (let length = 0; length < file.length - 31; length += 1)
      await problemOf(file.subarray(0, length));
  });
});

describe('any bytes', () => {
  const isSane = async (file: Uint8Array) => {
    const one = reading(file);
    await one.check().catch((error: unknown) => {
      expect((error as CadreError).code).toBe('model_damaged');
    });
    expect(one.reads()).toBeLessThan(10);
  };

  it('end in a header or in model_damaged', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), isSane));
  });

  it('behind a true magic as well', async () => {
    const start = Buffer.concat([Buffer.from('GGUF'), uint32(3)]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), (rest) =>
        isSane(Buffer.concat([start, rest])),
      ),
    );
  });

  it('changed anywhere in an honest file', async () => {
    const honest = ggufFile();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(honest.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (changes) => {
          const file = Buffer.from(honest);
          for (const [at, value] of changes) file[at] = value;
          return isSane(file);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that cannot be read are damaged, not a crash', async () => {
    const failing = readGgufHeader(() => Promise.reject(new Error('EIO')), 1000);
    await expect(failing).rejects.toMatchObject({ code: 'model_damaged' });
  });
});

describe('a model with random weights that native code loads', () => {
  it('is honest in this reader too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-head-'));
    try {
      const path = join(folder, 'random.gguf');
      writeRandomModel(path, { seed: 1 });
      const header = await reading(readFileSync(path)).check();
      expect(header).toMatchObject({ architecture: 'llama', blockCount: 2, contextLength: 4096 });
      expect(header.chatTemplate).toContain('im_start');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
