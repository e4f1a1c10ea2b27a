import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { acquireAdapted, modelIdOf, withAdapterPaths } from '../../src/compose/adapters.ts';
import { baseModelId } from '../../src/core/adapter.ts';
import type { ModelEntry } from '../../src/core/catalogue.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import type { Model } from '../../src/core/ports.ts';
import { adapterFiles } from '../fixtures/adapter-files.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { ENTRY } from '../workers/llama-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-adapters-'));
const path = join(folder, 'base.gguf');
writeRandomModel(path, { seed: 1 });
afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (file: string) => readFileSync(file);
const hashOf = (file: string) => createHash('sha256').update(bytesOf(file)).digest('hex');
const entry: ModelEntry = {
  ...ENTRY,
  files: ENTRY.files.map((file) => ({
    ...file,
    bytes: bytesOf(path).length,
    sha256: hashOf(path),
  })),
};
const files = () => adapterFiles(folder, { entry, path });

function write(name: string, options: { seed?: number; width?: number } = {}): string {
  const file = join(folder, name);
  const { seed = 1, width = 32 } = options;
  const targets =
    width === 32 ? RANDOM_MODEL_TARGETS : ([['blk.0.attn_q.weight', [width, width]]] as const);
  writeRandomAdapter(file, { seed, rank: 4, alpha: 8, exponent: -2, targets });
  return file;
}

const spoke = (id: string, adapter: string, model = ENTRY.id) =>
  spokeSchema.parse({ id, model, adapter });

describe('the adapters of spokes', () => {
  it('are read once, share a base and are counted by their bytes', async () => {
    const [a, b] = [write('a.gguf'), write('b.gguf', { seed: 2 })];
    const adapters = files();
    await adapters.prepare([spoke('one', a), spoke('two', b), spoke('three', a)]);
    expect(adapters.get(a)).toEqual({ path: a, hash: hashOf(a), bytes: bytesOf(a).length });
    expect(adapters.namedOf(ENTRY.id)).toEqual({
      count: 2,
      bytes: bytesOf(a).length + bytesOf(b).length,
    });
  });

  it('make models of their own, whose base is known by the name', async () => {
    const a = write('a.gguf');
    const adapters = files();
    await adapters.prepare([spoke('one', a)]);
    const id = modelIdOf(spoke('one', a), (file) => adapters.get(file));
    expect(id).toBe(`random+${hashOf(a).slice(0, 12)}`);
    expect(baseModelId(id)).toBe('random');
    expect(baseModelId('random')).toBe('random');
    expect(baseModelId('vendor/c++123456789abc')).toBe('vendor/c++123456789abc');
  });

  it('lie beside the configuration that names them', () => {
    const spokes = [spoke('one', 'adapters/a.gguf'), spoke('two', '/b.gguf')];
    const placed = withAdapterPaths(spokes, { configFile: '/etc/cadre/cadre.yaml' });
    expect(placed.map(({ adapter }) => adapter)).toEqual(['/etc/cadre/adapters/a.gguf', '/b.gguf']);
  });

  it.each([
    ['of another base', () => spoke('bad', write('wide.gguf', { width: 64 })), '32 × 32 of random'],
    ['that are gone', () => spoke('bad', join(folder, 'gone.gguf')), 'gone.gguf'],
    ['that are models', () => spoke('bad', path), 'is this a model?'],
    ['of a remote model', () => spoke('bad', write('a.gguf'), 'vendor/large'), 'no local model'],
  ])('stop the start with spoke and reason: those %s', async (_, badSpoke, message) => {
    await expect(files().prepare([badSpoke()])).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(new RegExp(`spoke bad: .*${message.replace('?', '\\?')}`)),
    });
  });

  it('are told by a file that is no GGUF', async () => {
    const file = join(folder, 'text.gguf');
    writeFileSync(file, 'not a model');
    await expect(files().prepare([spoke('bad', file)])).rejects.toThrow('does not start with GGUF');
  });

  it('are hashed once for all starts, as long as their files stay as they are', async () => {
    const a = write('kept.gguf');
    await files().prepare([spoke('one', a)]);
    const notes = join(folder, 'adapters.json');
    const known = JSON.parse(readFileSync(notes, 'utf8')) as Record<string, { hash: string }>;
    expect(known[a]?.hash).toBe(hashOf(a));
    // The next start believes what stands there.
    writeFileSync(notes, JSON.stringify({ [a]: { ...known[a], hash: 'believed' } }));
    const next = files();
    await next.prepare([spoke('one', a)]);
    expect(next.get(a)?.hash).toBe('believed');
    // Not for another file in its place, nor where the notes are broken.
    write('kept.gguf', { seed: 5 });
    const later = files();
    await later.prepare([spoke('one', a)]);
    expect(later.get(a)?.hash).toBe(hashOf(a));
    writeFileSync(notes, '{"broken');
    const anew = files();
    await anew.prepare([spoke('one', a)]);
    expect(anew.get(a)?.hash).toBe(hashOf(a));
  });

  it('are read anew when their file has changed, and checked again', async () => {
    const a = write('changing.gguf');
    const adapters = files();
    const before = await adapters.checked(entry, a);
    write('changing.gguf', { seed: 3 });
    const after = await adapters.checked(entry, a);
    expect(after.hash).not.toBe(before.hash);
    write('changing.gguf', { width: 64 });
    await expect(adapters.checked(entry, a)).rejects.toMatchObject({ code: 'adapter_refused' });
  });
});

describe('a lease with an adapter', () => {
  const bare: Model = { id: 'random', doChat: () => (async function* () {})() };

  it('is grouped by the adapter and answers as it', async () => {
    const a = write('a.gguf');
    const groups: string[] = [];
    const adapted = { ...bare, id: 'adapted' };
    const lease = await acquireAdapted(files(), entry, a, async (group) => {
      groups.push(group);
      return { model: { ...bare, adapted: () => adapted }, release: () => undefined };
    });
    expect(groups).toEqual([hashOf(a)]);
    expect(lease.model).toBe(adapted);
  });

  it('takes no place for an adapter that does not fit', async () => {
    const wide = write('wide.gguf', { width: 64 });
    let asked = 0;
    const acquire = async () => {
      asked += 1;
      return { model: bare, release: () => undefined };
    };
    await expect(acquireAdapted(files(), entry, wide, acquire)).rejects.toMatchObject({
      code: 'adapter_refused',
    });
    expect(asked).toBe(0);
  });

  it('is given back where the model takes none', async () => {
    let released = 0;
    const acquire = async () => ({
      model: bare,
      release: () => {
        released += 1;
      },
    });
    await expect(acquireAdapted(files(), entry, write('a.gguf'), acquire)).rejects.toMatchObject({
      code: 'adapter_refused',
    });
    expect(released).toBe(1);
  });
});

describe('the adapter of a specialist', () => {
  it('is kept by its hash until it serves no more', async () => {
    const bytes = bytesOf(write('a.gguf'));
    const adapters = files();
    const kept = await adapters.keep('h1', bytes);
    const other = await adapters.keep('h2', bytes);
    expect(bytesOf(kept)).toEqual(bytes);
    await adapters.tidy([kept]);
    expect([existsSync(kept), existsSync(other)]).toEqual([true, false]);
  });

  it('is taken over the very file that its manifest names, and over no other', async () => {
    const a = write('a.gguf');
    const adapters = files();
    const hash = hashOf(path);
    await expect(adapters.requireFor({ model: 'random', hash }, a)).resolves.toBeUndefined();
    const otherFile = { model: 'random', hash: 'b'.repeat(64) };
    await expect(adapters.requireFor(otherFile, a)).rejects.toThrow('bbbbbbbbbbbb');
    const unknown = { model: 'larger', hash };
    await expect(adapters.requireFor(unknown, a)).rejects.toThrow('does not hold that model');
  });
});
