import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PackageClient } from '../../src/adapters/egress/package-client.ts';
import { PythonEnvironment } from '../../src/adapters/egress/python-environment.ts';
import { zipOf } from '../fixtures/archives.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const NEVER = new AbortController().signal;

/** The Python of the tests has pip wherever they run. */
function pathWithPip(): string {
  const python = process.env['CADRE_TEST_PYTHON'];
  const path = process.env['PATH'] ?? '';
  return python === undefined ? path : `${dirname(python)}:${path}`;
}

/** A wheel of one line, and pins that name it by its hash or by another. */
function environmentWith(change: { hash?: string; bytes?: number; pythons?: [string, string] }) {
  const home = mkdtempSync(join(tmpdir(), 'cadre-python-'));
  folders.push(home);
  const wheel = join(home, 'tiny_words-1.0-py3-none-any.whl');
  const about = 'tiny_words-1.0.dist-info';
  const texts = {
    'tiny_words.py': 'word = "hello"\n',
    [`${about}/METADATA`]: 'Metadata-Version: 2.1\nName: tiny-words\nVersion: 1.0\n',
    [`${about}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${about}/RECORD`]: '',
  };
  const bytes = zipOf(
    Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  );
  writeFileSync(wheel, bytes);
  const sha256 = change.hash ?? createHash('sha256').update(bytes).digest('hex');
  const requirements = join(home, 'requirements.txt');
  writeFileSync(requirements, `tiny-words==1.0 --hash=sha256:${sha256}\n`);
  const clients = new PackageClient(
    { PATH: pathWithPip(), PIP_NO_INDEX: '1', PIP_FIND_LINKS: home },
    () => undefined,
  );
  const environment = new PythonEnvironment({
    folder: join(home, 'trainers', 'tiny'),
    requirements,
    bytes: change.bytes ?? 1000,
    pythons: change.pythons ?? ['3.8', '3.99'],
    clients,
  });
  return { environment, requirements, folder: join(home, 'trainers', 'tiny') };
}

describe('the environment of a trainer', { timeout: 120_000 }, () => {
  it('is made of the pinned packages, told as it goes, and anew when the pins change', async () => {
    const { environment, requirements, folder } = environmentWith({});
    expect(await environment.isReady()).toBe(false);
    const told: unknown[] = [];
    await environment.doMake(NEVER, (...progress) => told.push(progress));
    expect(told).toEqual([[1, 1, expect.stringMatching(/^tiny.words$/)]]);
    expect(await environment.isReady()).toBe(true);
    expect(existsSync(environment.python)).toBe(true);
    expect(readFileSync(join(folder, 'cadre-packages'), 'utf8')).toHaveLength(64);
    writeFileSync(requirements, `${readFileSync(requirements, 'utf8')}# another pin\n`);
    expect(await environment.isReady()).toBe(false);
  });

  it('leaves nothing where a package is not the pinned one', async () => {
    const { environment, folder } = environmentWith({ hash: 'a'.repeat(64) });
    await expect(environment.doMake(NEVER, () => undefined)).rejects.toMatchObject({
      code: 'source_failed',
      message: expect.stringMatching(/hash/i),
    });
    expect(existsSync(folder)).toBe(false);
  });

  it('is not begun on a disk that is too small, or with another Python', async () => {
    const small = environmentWith({ bytes: 1e18 });
    await expect(small.environment.doMake(NEVER, () => undefined)).rejects.toMatchObject({
      code: 'disk_full',
    });
    const old = environmentWith({ pythons: ['2.6', '2.7'] });
    await expect(old.environment.doMake(NEVER, () => undefined)).rejects.toThrow(
      /it is Python 3\.\d+, and 2.6 to 2.7 will do/,
    );
  });
});
