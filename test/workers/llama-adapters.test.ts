import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterFile } from '../../src/core/adapter.ts';
import type { LoadedModel, Model } from '../../src/core/ports.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { ask, loadModel, NEVER, randomModel, request } from './llama-harness.ts';

const file = randomModel();
const folder = join(file.path, '..');
const BYTES = 10_000;
let loaded: LoadedModel;

function adapterFile(seed: number, bytes = BYTES): AdapterFile {
  const path = join(folder, `adapter-${seed}.gguf`);
  writeRandomAdapter(path, {
    seed,
    rank: 4,
    alpha: 8,
    exponent: -2,
    targets: RANDOM_MODEL_TARGETS,
  });
  return { path, hash: seed.toString(16).padStart(64, '0'), bytes };
}

const load = (contexts = 2, most = 3) =>
  loadModel(file.path, { slots: 2, adapters: { contexts, bytes: most * BYTES } });

function adapted({ model }: LoadedModel, adapter: AdapterFile): Model {
  const changed = model.adapted?.(adapter);
  if (changed === undefined) throw new Error('a local model takes adapters');
  return changed;
}

const [first, second, third, fourth] = [1, 2, 3, 4].map((seed) => adapterFile(seed)) as [
  AdapterFile,
  AdapterFile,
  AdapterFile,
  AdapterFile,
];

beforeAll(async () => {
  loaded = await load();
});
afterAll(async () => {
  await loaded.doUnload();
  file.remove();
});

/** What each says when it is asked alone, in a process of its own. */
async function alone(adapter: AdapterFile | undefined, text: string): Promise<string> {
  const own = await load();
  try {
    const model = adapter === undefined ? own.model : adapted(own, adapter);
    return (await ask(model, request(text))).text;
  } finally {
    await own.doUnload();
  }
}

describe('adapters over one base', () => {
  it('change what it says, each in its own way, and leave the base as it is', async () => {
    const asked = request('Hello');
    const before = (await ask(loaded.model, asked)).text;
    const one = (await ask(adapted(loaded, first), asked)).text;
    const other = (await ask(adapted(loaded, second), asked)).text;
    expect(new Set([before, one, other]).size).toBe(3);
    expect((await ask(loaded.model, asked)).text).toBe(before);
    expect((await ask(adapted(loaded, first), asked)).text).toBe(one);
    expect(await alone(first, 'Hello')).toBe(one);
  });

  it('are models of their own name that read the same tokens', async () => {
    const model = adapted(loaded, second);
    expect(model.id).toBe('random+000000000000');
    const count = (one: Model) => one.doCount?.(request('Hello'), { signal: NEVER });
    expect(await count(model)).toBe(await count(loaded.model));
  });

  it('do not mix when they answer side by side', async () => {
    const texts = ['One', 'Two', 'Three', 'Four', 'Five', 'Six'];
    const models = [undefined, first, second, third];
    const modelOf = (adapter: AdapterFile | undefined) =>
      adapter === undefined ? loaded.model : adapted(loaded, adapter);
    const orders = texts.flatMap((text) => models.map((adapter) => ({ text, adapter })));
    const together = await Promise.all(
      orders.map(({ text, adapter }) => ask(modelOf(adapter), request(text))),
    );
    // One after the other, each with nothing kept from another one.
    const own = await load();
    for (const [place, { text, adapter }] of orders.entries()) {
      const model = adapter === undefined ? own.model : adapted(own, adapter);
      const answer = await ask(model, request(text));
      expect(together[place]?.text, `${text} ${adapter?.path}`).toBe(answer.text);
    }
    await own.doUnload();
  });

  it('keep a prefix each and never read the one of another', async () => {
    const own = await load(1);
    const question = 'The same long beginning of every question, then: why?';
    const asked = request(question);
    const one = await ask(adapted(own, first), asked);
    expect(one.ended.usage.cachedTokens).toBe(0);
    const other = await ask(adapted(own, second), asked);
    expect(other.ended.usage.cachedTokens).toBe(0);
    // Both are kept in the two slots of the one context.
    const again = await ask(adapted(own, first), asked);
    expect(again.ended.usage.cachedTokens).toBe(again.ended.usage.promptTokens - 1);
    expect(again.text).toBe(one.text);
    const base = await ask(own.model, asked);
    expect(base.ended.usage.cachedTokens).toBe(0);
    // The third takes the place of one of them.
    const more = await ask(adapted(own, third), asked);
    expect(more.ended.usage.cachedTokens).toBe(0);
    expect(more.text).toBe(await alone(third, question));
    expect((await ask(adapted(own, second), asked)).text).toBe(other.text);
    await own.doUnload();
  });

  it('leave memory when others need it, and answer as before when they are asked again', async () => {
    const own = await load(2, 2);
    const answers: string[] = [];
    for (const adapter of [first, second, third, fourth])
      answers.push((await ask(adapted(own, adapter), request('Room'))).text);
    expect(new Set(answers).size).toBe(4);
    for (const [place, adapter] of [first, second, third, fourth].entries())
      expect((await ask(adapted(own, adapter), request('Room'))).text).toBe(answers[place]);
    await own.doUnload();
  });

  it('are all served, however they alternate and whoever waits or leaves', async () => {
    const own = await load(1, 2);
    const leaving = new AbortController();
    const left = ask(
      adapted(own, third),
      request('Left', { maxTokens: 1500 }),
      leaving.signal,
    ).catch((error: unknown) => error);
    const asked = [first, second, first, second, fourth, first].map((adapter) =>
      ask(adapted(own, adapter), request('Turn', { maxTokens: 8 })),
    );
    leaving.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    const answers = await Promise.all(asked);
    expect(answers.every(({ text }) => text !== '')).toBe(true);
    expect(answers[0]?.text).toBe(answers[2]?.text);
    await own.doUnload();
  });

  it('are told in the memory of their model', async () => {
    let told = 0;
    const own = await loadModel(
      file.path,
      { slots: 1, contextTokens: 4096, adapters: { contexts: 1, bytes: 1e6 } },
      undefined,
      () => {
        told += 1;
      },
    );
    const before = own.memoryBytes;
    await ask(adapted(own, first), request('Memory'));
    await expect.poll(() => told, { timeout: 5000 }).toBeGreaterThan(0);
    expect(own.memoryBytes).toBeGreaterThan(before);
    expect(own.adapterCount).toBe(1);
    await own.doUnload();
  });
});

describe('an adapter that cannot serve', () => {
  it('is refused with its path where the file is gone, and the others go on', async () => {
    const gone = { ...adapterFile(9), path: join(folder, 'gone.gguf') };
    await expect(ask(adapted(loaded, gone), request('x'))).rejects.toMatchObject({
      code: 'adapter_refused',
      message: expect.stringContaining('gone.gguf'),
    });
    expect((await ask(adapted(loaded, first), request('x'))).text).not.toBe('');
  });

  it('is refused where it is larger than all may be together', async () => {
    const large = adapterFile(10, 4 * BYTES);
    await expect(ask(adapted(loaded, large), request('x'))).rejects.toMatchObject({
      code: 'out_of_memory',
      message: expect.stringContaining('fleet.adapterMemory'),
    });
  });
});
