import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterFile } from '../../src/core/adapter.ts';
import { textPart } from '../../src/core/chat.ts';
import type { LoadedModel, ModelRequest } from '../../src/core/ports.ts';
import { PrefixShelf } from '../../src/workers/llama-prefixes.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { ask, loadModel, randomModel, request } from './llama-harness.ts';

const file = randomModel();
const loads: LoadedModel[] = [];
afterAll(async () => {
  for (const one of loads) await one.doUnload();
  file.remove();
});

async function load(prefixBytes: number): Promise<LoadedModel> {
  const adapters = { contexts: 1, bytes: 1_000_000 };
  const one = await loadModel(file.path, { slots: 1, adapters, prefixBytes });
  loads.push(one);
  return one;
}

function adapterFile(seed: number): AdapterFile {
  const path = join(file.path, '..', `prefix-${seed}.gguf`);
  const shape = { rank: 4, alpha: 8, exponent: -2, targets: RANDOM_MODEL_TARGETS };
  writeRandomAdapter(path, { seed, ...shape });
  return { path, hash: seed.toString(16).padStart(64, '0'), bytes: 10_000 };
}

const INSTRUCTIONS = 'Name the fields of the document and answer with nothing but JSON. '.repeat(4);
const about = (text: string, system = INSTRUCTIONS): ModelRequest =>
  request('', {
    messages: [
      { role: 'system', content: textPart(system) },
      { role: 'user', content: textPart(text) },
    ],
  });

// What a file system in memory holds is memory of the machine.
describe.skipIf(!existsSync('/dev/shm'))('saved beginnings', () => {
  it.each([
    ['/dev/shm', 1000],
    [process.cwd(), 0],
  ])('in %s take %i bytes of memory', async (folder, bytes) => {
    let told = 0;
    const onMemory = () => {
      told += 1;
    };
    const shelf = new PrefixShelf(1500, { folder, onMemory });
    const sequence = {
      contextTokens: [1, 2, 3] as unknown as Token[],
      saveStateToFile: async (path: string) => {
        writeFileSync(path, new Uint8Array(1000));
        return { fileSize: 1000 };
      },
      loadStateFromFile: async () => undefined,
      clearHistory: async () => undefined,
    };
    expect(shelf.memoryBytes()).toBe(0);
    // The second takes the place of the first.
    for (const key of ['a', 'b']) await shelf.save(key, sequence);
    expect([shelf.memoryBytes(), told]).toEqual([bytes, 2]);
    shelf.dispose();
    expect(shelf.memoryBytes()).toBe(0);
  });
});

// Elsewhere no file without a name can be opened again.
describe.skipIf(process.platform !== 'linux')('beginnings that prompts share', () => {
  let model: LoadedModel['model'];
  let plain: LoadedModel['model'];
  const cached = async (asked: ModelRequest, one = model) =>
    (await ask(one, asked)).ended.usage.cachedTokens;

  beforeAll(async () => {
    model = (await load(10_000_000)).model;
    plain = (await load(0)).model;
  });

  it('are read once, though the only slot lost them to another conversation', async () => {
    await cached(about('An invoice'));
    const shared = await cached(about('Her letter'));
    expect(shared).toBeGreaterThan(50);
    await cached(request('Something else altogether'));
    expect(await cached(about('Some receipt'))).toBe(shared);
    await cached(request('Something else altogether'), plain);
    await cached(about('An invoice'), plain);
    await cached(request('Something else altogether'), plain);
    expect(await cached(about('Some receipt'), plain)).toBeLessThan(shared ?? 0);
  });

  it('are known by prompts, where no two in a row met the same slot', async () => {
    const system = `Others. ${INSTRUCTIONS}`;
    for (const text of ['An invoice', 'Her letter']) {
      await cached(about(text, system));
      await cached(request('Something else altogether'));
    }
    expect(await cached(about('Some receipt', system))).toBeGreaterThan(50);
  });

  it('say what they would say if they were read anew', async () => {
    for (const text of ['A note', 'This bill', 'Some order']) {
      await ask(model, request('Something else altogether'));
      expect((await ask(model, about(text))).text).toBe((await ask(plain, about(text))).text);
    }
  });

  it('are of one adapter alone', async () => {
    const [one, other] = [1, 2].map((seed) => model.adapted?.(adapterFile(seed)));
    if (one === undefined || other === undefined) throw new Error('a local model takes adapters');
    for (const text of ['An invoice', 'Her letter']) {
      await cached(about(text), one);
      await cached(request('Something else altogether'), other);
    }
    expect(await cached(about('Some receipt'), other)).toBeLessThan(20);
    expect(await cached(about('Some receipt'), one)).toBeGreaterThan(50);
    await cached(request('Something else altogether'), other);
    const again = plain.adapted?.(adapterFile(1));
    if (again === undefined) throw new Error('a local model takes adapters');
    const [left, right] = [await ask(one, about('Her note')), await ask(again, about('Her note'))];
    expect(left.text).toBe(right.text);
  });

  it('leave no file that has a name, and go with those longest unused', async () => {
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cadre-prefix-'))).toEqual([]);
    // Room for one of them.
    const small = (await load(60_000)).model;
    const systems = ['First. ', 'Second. '].map((word) => word + INSTRUCTIONS);
    for (const system of systems)
      for (const text of ['An invoice', 'Her letter']) await cached(about(text, system), small);
    await cached(request('Something else altogether'), small);
    expect(await cached(about('Some receipt', systems[1]), small)).toBeGreaterThan(50);
    await cached(request('Something else altogether'), small);
    expect(await cached(about('Some receipt', systems[0]), small)).toBeLessThan(20);
  });
});
