import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PackageClient } from '../../src/adapters/egress/package-client.ts';
import { createMavenSource } from '../../src/adapters/models/sources/maven-source.ts';
import { createNpmSource } from '../../src/adapters/models/sources/npm-source.ts';
import { createPypiSource } from '../../src/adapters/models/sources/pypi-source.ts';
import type { ModelFile } from '../../src/core/catalogue.ts';
import type { ModelSource } from '../../src/core/ports.ts';
import { tarOf, zipOf } from '../fixtures/archives.ts';
import { FAKE_MAVEN, FAKE_NPM, FAKE_PIP, FakeClients } from '../fixtures/fake-clients.ts';
import { calm, ModelHome } from '../fixtures/model-home.ts';

let at: ModelHome;
let clients: FakeClients;
let client: PackageClient;
beforeEach(async () => {
  at = new ModelHome();
  clients = new FakeClients(at.folder);
  client = new PackageClient(clients.environment, () => undefined);
  await mkdir(dirname(at.partial), { recursive: true });
});
afterEach(() => at.remove());

const PARTS = [Buffer.alloc(70_000, 'a'), Buffer.alloc(300_000, 'b'), Buffer.from('end')];
const WHOLE = Buffer.concat(PARTS);
const JOINED = 'pypi:p-1==1.0/p/1.bin + p-2==1.0/p/2.bin + p-3==1.0/p/3.bin';

function fileOf(bytes: Buffer, source: string): ModelFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: 'model.bin', bytes: bytes.length, sha256, sources: [source] };
}

function stockWheels(): void {
  clients.install('python3', FAKE_PIP);
  PARTS.forEach((bytes, index) => {
    const member = { path: `p/${index + 1}.bin`, bytes, stored: index === 1 };
    clients.stock(`p-${index + 1}==1.0.whl`, zipOf([{ path: 'p/x', bytes: WHOLE }, member]));
  });
}

async function fetch(source: ModelSource, address: string, bytes = WHOLE, signal = calm()) {
  const told: number[] = [];
  await source.doFetch(address, fileOf(bytes, address), at.partial, {
    signal,
    onBytes: (count) => told.push(count),
  });
  return told;
}

describe('wheels', () => {
  it('are joined in order and not kept', async () => {
    stockWheels();
    const told = await fetch(createPypiSource(client), JOINED);
    expect(readFileSync(at.partial)).toEqual(WHOLE);
    expect(told.at(-1)).toBe(WHOLE.length);
    expect(clients.calls()).toEqual(['p-1==1.0', 'p-2==1.0', 'p-3==1.0']);
    expect(existsSync(join(`${at.partial}.parts`, 'part-0'))).toBe(false);
  });

  it('are not fetched twice after a cut', async () => {
    stockWheels();
    const source = createPypiSource(client);
    const shelved = readFileSync(join(clients.shelf, 'p-2==1.0.whl'));
    clients.stock('p-2==1.0.whl', Buffer.from('no zip'));
    await expect(fetch(source, JOINED)).rejects.toThrow('no zip');
    expect(statSync(at.partial).size).toBe(PARTS[0]?.length);
    clients.stock('p-2==1.0.whl', shelved);
    await fetch(source, JOINED);
    expect(readFileSync(at.partial)).toEqual(WHOLE);
    expect(clients.calls().filter((one) => one === 'p-1==1.0')).toHaveLength(1);
  });

  it('start over on what another source left', async () => {
    stockWheels();
    at.put(`models/partial/${at.file.sha256}`, Buffer.alloc(5000, 'z'));
    await fetch(createPypiSource(client), JOINED);
    expect(readFileSync(at.partial)).toEqual(WHOLE);
  });

  it('that are too long are refused before the disk is full of them', async () => {
    stockWheels();
    await expect(
      fetch(createPypiSource(client), JOINED, Buffer.alloc(100_000)),
    ).rejects.toMatchObject({ code: 'source_failed' });
    expect(statSync(at.partial).size).toBeLessThan(100_000);
  });

  it('that pip does not find are told in its words, without what is secret', async () => {
    stockWheels();
    const failure = fetch(createPypiSource(client), 'pypi:absent==9/p/1.bin');
    await expect(failure).rejects.toThrow(
      'python3 failed: No matching distribution found for absent==9 ((mirror.example))',
    );
  });
});

describe('a jar', () => {
  const address = (member: string) => `maven:org.example.group:artifact:1.0-b5/${member}`;

  it('serves weights and tokenizer with one start of Maven', async () => {
    clients.install('mvn', FAKE_MAVEN);
    clients.stock(
      'artifact.jar',
      zipOf([
        { path: 'model.onnx', bytes: WHOLE },
        { path: 'tokenizer.json', bytes: Buffer.from('{}') },
      ]),
    );
    const source = createMavenSource(client);
    await fetch(source, address('model.onnx'));
    expect(readFileSync(at.partial)).toEqual(WHOLE);
    await fetch(source, address('tokenizer.json'), Buffer.from('{}'));
    expect(readFileSync(at.partial, 'utf8')).toBe('{}');
    expect(clients.calls()).toEqual(['org.example.group:artifact:1.0-b5']);
    // Asked again for what it gave, it does not trust its copy.
    await fetch(source, address('model.onnx'));
    expect(clients.calls()).toHaveLength(2);
  });

  it('without the member, or with one of another size, is refused', async () => {
    clients.install('mvn', FAKE_MAVEN);
    clients.stock('artifact.jar', zipOf([{ path: 'model.onnx', bytes: WHOLE }]));
    const source = createMavenSource(client);
    await expect(fetch(source, address('other'))).rejects.toThrow('no member other');
    await expect(fetch(source, address('model.onnx'), Buffer.alloc(5))).rejects.toThrow(
      `${WHOLE.length} bytes instead of 5`,
    );
  });
});

describe('an npm package', () => {
  const address = 'npm:model@1.0.0/weights/model.bin';

  it('gives one member of its tarball', async () => {
    clients.install('npm', FAKE_NPM);
    const other = { path: 'package/readme.md', bytes: Buffer.alloc(700, 'r') };
    clients.stock(
      'package.tgz',
      tarOf([other, { path: 'package/weights/model.bin', bytes: WHOLE }]),
    );
    await fetch(createNpmSource(client), address);
    expect(readFileSync(at.partial)).toEqual(WHOLE);
    expect(clients.calls()).toEqual(['model@1.0.0']);
  });

  it('that lacks the member or is cut is refused, and fetched anew the next time', async () => {
    clients.install('npm', FAKE_NPM);
    const whole = tarOf([{ path: 'package/weights/model.bin', bytes: WHOLE }]);
    clients.stock('package.tgz', whole);
    const source = createNpmSource(client);
    await expect(fetch(source, 'npm:model@1.0.0/other')).rejects.toThrow('no member');
    clients.stock('package.tgz', whole.subarray(0, 100));
    await expect(fetch(source, address)).rejects.toThrow();
    clients.stock('package.tgz', whole);
    await fetch(source, address);
    expect(readFileSync(at.partial)).toEqual(WHOLE);
  });
});

describe('an abort', () => {
  it('ends the client and those it started', async () => {
    clients.install(
      'python3',
      'sleep 60 & echo $! > "$SHELF/child"; echo $$ > "$SHELF/self"; wait',
    );
    const abort = new AbortController();
    const failing = fetch(createPypiSource(client), JOINED, WHOLE, abort.signal);
    const child = join(clients.shelf, 'self');
    while (!existsSync(child) || readFileSync(child, 'utf8') === '')
      await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort(new Error('enough'));
    await expect(failing).rejects.toThrow('enough');
    for (const name of ['child', 'self']) {
      const pid = Number(readFileSync(join(clients.shelf, name), 'utf8'));
      expect(isAlive(pid), name).toBe(false);
    }
  });
});

/** A zombie has ended too; only its parent has not asked yet. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No such process.
    return false;
  }
}
