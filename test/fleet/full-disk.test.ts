import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskModelFiles } from '../../src/adapters/models/model-files.ts';
import { pullModel } from '../../src/fleet/pull.ts';
import { calm, FILE_SOURCES, ModelHome } from '../fixtures/model-home.ts';

const isRoot = process.getuid?.() === 0;
let at: ModelHome;
let small: string;
let isMounted = false;

beforeEach(() => {
  at = new ModelHome(['file:{origin}'], Buffer.alloc(3_000_000, 7));
  small = join(at.folder, 'small');
  mkdirSync(small);
  try {
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    isMounted = isRoot;
  } catch {
    // A container without the right to mount: the cases below are skipped.
  }
});
afterEach(() => {
  if (isMounted) execFileSync('umount', [small]);
  at.remove();
});

async function pull(files: DiskModelFiles): Promise<void> {
  const deps = { files, sources: FILE_SOURCES };
  const entry = { ...at.entry, format: 'onnx' as const };
  for await (const _progress of pullModel(entry, deps, { signal: calm() }));
}

describe('a disk of one megabyte', () => {
  it('is found too small before a byte is written', async (context) => {
    if (!isMounted) context.skip();
    const failing = pull(new DiskModelFiles(join(small, 'models')));
    await expect(failing).rejects.toMatchObject({ code: 'disk_full' });
    await expect(failing).rejects.toThrow('3000000 of the file');
  });

  it('that fills up on the way is a full disk too, not a broken source', async (context) => {
    if (!isMounted) context.skip();
    const files = new DiskModelFiles(join(small, 'models'));
    files.doFreeBytes = async () => 1e12;
    await expect(pull(files)).rejects.toMatchObject({ code: 'disk_full' });
    // Room again: the same folder serves.
    execFileSync('mount', ['-o', 'remount,size=16m', small]);
    await pull(files);
    writeFileSync(join(small, 'still'), 'writable');
    expect((await files.doInspect(at.file)).state).toBe('verified');
  });
});
