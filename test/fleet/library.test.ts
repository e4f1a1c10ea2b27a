import { closeSync, existsSync, openSync, utimesSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pullModel } from '../../src/fleet/pull.ts';
import { calm, FILE_SOURCES, ModelHome } from '../fixtures/model-home.ts';

let at: ModelHome;
beforeEach(() => {
  at = new ModelHome();
});
afterEach(() => at.remove());

async function install(): Promise<void> {
  const deps = { files: at.files, sources: FILE_SOURCES };
  for await (const _progress of pullModel(at.entry, deps, { signal: calm() }));
}

/** One byte changed in place; the size stays and, when asked, the time of modification too. */
function flipByte(keepTime: boolean): void {
  const handle = openSync(at.path, 'r+');
  writeSync(handle, Buffer.from([0xff]), 0, 1, 200);
  closeSync(handle);
  if (keepTime) utimesSync(at.path, 1_700_000_000, 1_700_000_000);
}

const look = async () => (await at.library.installedModels({ signal: calm() })).get('tiny')?.state;

describe('what is installed', () => {
  it('is absent first, then installed, without reading the file again', async () => {
    expect(await look()).toBe('absent');
    await install();
    let hashed = 0;
    const { doHash } = at.files;
    at.files.doHash = (...given) => {
      hashed += 1;
      return doHash.apply(at.files, given);
    };
    expect(await look()).toBe('installed');
    expect(hashed).toBe(0);
  });

  it.each([false, true])('finds a flipped byte (time of change kept: %s)', async (keepTime) => {
    await install();
    // A round time, so that it can be put back to the nanosecond.
    utimesSync(at.path, 1_700_000_000, 1_700_000_000);
    expect(await look()).toBe('installed');
    flipByte(keepTime);
    expect(await look()).toBe('damaged');
    expect(existsSync(at.path)).toBe(false);
    expect(() => at.library.requireInstalled('tiny')).toThrow(
      expect.objectContaining({ code: 'model_damaged' }),
    );
    // A restart still knows, a pull mends.
    expect(await look()).toBe('damaged');
    await install();
    expect(await look()).toBe('installed');
    expect(at.library.requireInstalled('tiny').id).toBe('tiny');
  });

  it('calls a file of the wrong size damaged', async () => {
    await install();
    const handle = openSync(at.path, 'a');
    writeSync(handle, 'x');
    closeSync(handle);
    expect(await look()).toBe('damaged');
    expect(at.library.stateOf('tiny').problem).toContain('bytes instead of');
  });

  it('trusts right bytes under a new time after hashing them once', async () => {
    await install();
    utimesSync(at.path, new Date(), new Date(0));
    expect(await look()).toBe('installed');
  });

  it('says what to do about a model that is not there', () => {
    expect(() => at.library.requireInstalled('tiny')).toThrow(
      expect.objectContaining({ code: 'model_unavailable' }),
    );
  });
});
