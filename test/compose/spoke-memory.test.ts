import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rememberSpokes } from '../../src/compose/spoke-memory.ts';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import { parseConfig } from '../../src/core/config.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import { adapterFiles } from '../fixtures/adapter-files.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { ENTRY } from '../workers/llama-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-spoke-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the spokes as they stand', () => {
  it('are the same list until a file of an adapter is another one', async () => {
    const path = join(folder, 'base.gguf');
    writeRandomModel(path, { seed: 1 });
    const adapter = join(folder, 'a.gguf');
    const write = (seed: number) =>
      writeRandomAdapter(adapter, {
        seed,
        rank: 4,
        alpha: 8,
        exponent: -2,
        targets: RANDOM_MODEL_TARGETS,
      });
    write(1);
    const adapters = adapterFiles(folder, { entry: ENTRY, path });
    const spoke = spokeSchema.parse({ id: 'one', model: ENTRY.id, adapter });
    await adapters.prepare([spoke]);
    const status = { state: 'installed', memoryBytes: 0, fileBytes: 1 } as ModelStatus;
    const spokes = rememberSpokes(
      {
        config: parseConfig({}),
        spokes: [spoke],
        entryOf: () => ENTRY,
        adapterOf: (file) => adapters.get(file),
        adapterReadings: () => adapters.readings,
        classifierOf: () => undefined,
        memoryBudget: 1e9,
        threads: 1,
        problemOf: () => undefined,
        isQuiet: () => true,
      },
      { statusOf: () => status },
    );
    const before = spokes();
    await adapters.checked(ENTRY, adapter);
    expect(spokes()).toBe(before);
    write(2);
    await adapters.checked(ENTRY, adapter);
    expect(spokes()).not.toBe(before);
    const modelOf = (list: ReturnType<typeof spokes>) => list[0]?.gate.modelId;
    expect(modelOf(spokes())).toMatch(/^random\+[0-9a-f]{12}$/);
    expect(modelOf(spokes())).not.toBe(modelOf(before));
  });
});
