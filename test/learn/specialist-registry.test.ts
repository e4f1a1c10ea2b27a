import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSigner } from '../../src/adapters/stores/signing-key.ts';
import type { ObjectStore } from '../../src/core/objects.ts';
import type { SpecialistBody } from '../../src/core/specialist.ts';
import { SpecialistRegistry } from '../../src/learn/specialist-registry.ts';
import { draftOf } from '../fixtures/specialist-room.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

const DRAFT = draftOf(null);
const MOVE = { by: 'loopback', reason: 'a test' };
const CONTENT = { bytes: randomBytes(1_300_000), taught: randomBytes(80) };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-signer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function registryOf(objects: ObjectStore, folder: string, takesOtherKeys = false) {
  return new SpecialistRegistry({
    objects,
    signer: openSigner(join(folder, 'specialists.pem')),
    hash: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    clock: { now: Date.now, elapsed: () => performance.now() },
    takesOtherKeys,
  });
}

describe('SpecialistRegistry', () => {
  it('gives a version back as it was added, to another process with the key of the home too', async () => {
    const [objects, folder] = [temporaryObjects(), newFolder()];
    await registryOf(objects, folder).add(DRAFT, 'loopback', CONTENT, MOVE);
    const other = registryOf(objects, folder);
    const [version] = await other.versions('pets');
    expect(version?.body).toMatchObject({ stage: 'candidate', moves: [{ reason: 'a test' }] });
    const read = version && (await other.read(version));
    expect(Buffer.compare(Buffer.from(read?.bytes ?? []), CONTENT.bytes)).toBe(0);
    expect(Buffer.compare(Buffer.from(read?.taught ?? []), CONTENT.taught)).toBe(0);
    expect(statSync(join(folder, 'specialists.pem')).mode & 0o777).toBe(0o600);
  });

  it('numbers versions that are added at once apart', async () => {
    const registry = registryOf(temporaryObjects(), newFolder());
    const added = await Promise.all(
      [1, 2, 3, 4].map(() => registry.add(DRAFT, 'loopback', CONTENT, MOVE)),
    );
    const numbers = added.map((one) => one.body.manifest.version).toSorted();
    expect(numbers).toEqual([1, 2, 3, 4]);
  });

  it('refuses other bytes, another manifest and another home’s signature', async () => {
    const [objects, folder] = [temporaryObjects(), newFolder()];
    const registry = registryOf(objects, folder);
    const version = await registry.add(DRAFT, 'loopback', CONTENT, MOVE);
    await expect(registryOf(objects, newFolder()).read(version)).rejects.toThrow('not signed');
    await expect(registryOf(objects, newFolder(), true).read(version)).resolves.toBeDefined();
    const forged: SpecialistBody = {
      ...version.body,
      manifest: { ...version.body.manifest, seed: 2 },
    };
    await expect(
      registryOf(objects, newFolder(), true).read({ ...version, body: forged }),
    ).rejects.toMatchObject({ code: 'specialist_damaged' });
    await objects.doPutPart('specialist', 'pets@1', { position: 1_000_000, bytes: randomBytes(8) });
    await expect(registry.read(version)).rejects.toThrow('rows that it was taught are not those');
    await objects.doPutPart('specialist', 'pets@1', { position: 0, bytes: randomBytes(9) });
    await expect(registry.read(version)).rejects.toThrow('not those that were signed');
  });

  it('leaves nothing of a version whose content could not be written', async () => {
    const objects = temporaryObjects();
    const failing: ObjectStore = {
      ...objects,
      doPutPart: async (kind, id, part) => {
        if (part.position === 1) throw new Error('the disk is full');
        await objects.doPutPart(kind, id, part);
      },
    };
    const folder = newFolder();
    const failed = registryOf(failing, folder).add(DRAFT, 'loopback', CONTENT, MOVE);
    await expect(failed).rejects.toThrow('the disk is full');
    expect(await objects.doGetObject('specialist', 'pets@1')).toBeUndefined();
    expect(await objects.doListPlaces('specialist', 'pets@1')).toEqual([]);
  });

  it('leaves nothing of a version that nobody wants any more once it is written', async () => {
    const objects = temporaryObjects();
    const registry = registryOf(objects, newFolder());
    const cancelled = () => Promise.reject(new Error('cancelled'));
    await expect(registry.add(DRAFT, 'loopback', CONTENT, MOVE, cancelled)).rejects.toThrow(
      'cancelled',
    );
    expect(await objects.doGetObject('specialist', 'pets@1')).toBeUndefined();
    expect(await objects.doListPlaces('specialist', 'pets@1')).toEqual([]);
  });

  it('forgets what a process left that was killed while it wrote', async () => {
    const objects = temporaryObjects();
    const registry = registryOf(objects, newFolder());
    const { row, body } = await registry.add(DRAFT, 'loopback', CONTENT, MOVE);
    await objects.doPutObject({ ...row, body: { ...body, stage: 'making' } });
    expect(await registry.versions('pets')).toEqual([]);
    await registry.tidy(false);
    expect(await objects.doGetObject('specialist', 'pets@1')).toBeDefined();
    await registry.tidy(true);
    expect(await objects.doGetObject('specialist', 'pets@1')).toBeUndefined();
  });
});
