import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createThreadCalls } from '../../src/adapters/threads/thread-calls.ts';
import { createEngine, engineOver } from '../../src/ground/engine.ts';
import { Library } from './fixtures/library.ts';

const libraries: Library[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const library of libraries.splice(0)) await library.close();
});

async function open(parts: Parameters<typeof Library.open>[0] = {}): Promise<Library> {
  const library = await Library.open(parts);
  libraries.push(library);
  return library;
}

const until = (check: () => Promise<boolean>) =>
  vi.waitUntil(check, { timeout: 15_000, interval: 20 });

describe('a watched collection', () => {
  it('follows its folder from the start of watching, whether it was indexed before or after', async () => {
    const library = await open();
    library.put('a.md', 'The first walrus.');
    await library.index({ watch: true });
    library.put('b.md', 'A penguin came while nobody looked.');
    const controller = new AbortController();
    const watching = library.knowledge.watchAll({ signal: controller.signal });
    await until(async () => (await library.find('penguin')).length === 1);
    rmSync(join(library.folder, 'a.md'));
    library.put('sub/c.md', 'An otter in a new folder.');
    await until(
      async () =>
        (await library.find('walrus')).length === 0 && (await library.find('otter')).length === 1,
    );
    controller.abort();
    await watching;
  });

  it('stops following when it is indexed without watching or dropped', async () => {
    const library = await open();
    const controller = new AbortController();
    const watching = library.knowledge.watchAll({ signal: controller.signal });
    library.put('a.md', 'One seal.');
    await library.index({ watch: true });
    library.put('a.md', 'Two lions.');
    await until(async () => (await library.find('lions')).length === 1);
    expect(await library.knowledge.drop('docs')).toBe(true);
    library.put('a.md', 'Three tigers.');
    controller.abort();
    await watching;
    expect(await library.knowledge.list()).toEqual([]);
    expect(library.problems).toEqual([]);
  });
});

describe('the index in memory', () => {
  it('sees what another room over the same store wrote', async () => {
    const library = await open();
    const other = await open({ chunks: library.store });
    library.put('a.md', 'The first walrus.');
    await library.index();
    expect(await other.find('walrus')).toHaveLength(1);
    library.put('a.md', 'The second penguin.');
    await library.index();
    expect(await other.find('walrus')).toEqual([]);
    expect(await other.find('penguin')).toHaveLength(1);
  });

  it('is loaded again when the engine lost it', async () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    let engine = createEngine({ hash });
    const library = await open({
      engine: engineOver((name, values) =>
        (engine[name as keyof typeof engine] as (...all: readonly unknown[]) => Promise<unknown>)(
          ...values,
        ),
      ),
    });
    library.put('a.md', 'The first walrus.');
    await library.index();
    expect(await library.find('walrus')).toHaveLength(1);
    engine = createEngine({ hash });
    expect(await library.find('walrus')).toHaveLength(1);
  });

  it('works the same in a thread, and in the next one after it died', async () => {
    const workerFile = new URL('../../src/workers/search.ts', import.meta.url);
    let thread = createThreadCalls({ workerFile });
    closing.push(() => thread.doClose());
    const library = await open({
      engine: engineOver((name, values) => thread.call(name, values)),
    });
    library.put('a.md', '# Sea\n\nThe first walrus sleeps. The second swims.');
    await library.index();
    const before = await library.find('walrus');
    expect(before).toHaveLength(2);
    await expect(thread.call('none', [])).rejects.toMatchObject({ code: 'internal' });
    await thread.doClose();
    thread = createThreadCalls({ workerFile });
    expect(await library.find('walrus')).toEqual(before);
    await thread.doClose();
    await expect(library.find('walrus')).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
