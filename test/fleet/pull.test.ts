import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PullProgress } from '../../src/core/catalogue.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { ModelSource } from '../../src/core/ports.ts';
import { pullModel } from '../../src/fleet/pull.ts';
import { ModelPuller } from '../../src/fleet/puller.ts';
import { ggufFile, HONEST_METADATA } from '../fixtures/gguf-head.ts';
import { calm, FILE_SOURCES, ModelHome, scriptedSource } from '../fixtures/model-home.ts';

const homes: ModelHome[] = [];
function home(sources?: readonly string[], bytes?: Buffer): ModelHome {
  const made = new ModelHome(sources, bytes);
  homes.push(made);
  return made;
}
afterEach(() => {
  for (const one of homes.splice(0)) one.remove();
});

async function pull(at: ModelHome, sources: readonly ModelSource[] = FILE_SOURCES) {
  const seen: PullProgress[] = [];
  let error: CadreError | undefined;
  try {
    for await (const progress of pullModel(
      at.entry,
      { files: at.files, sources },
      { signal: calm() },
    ))
      seen.push(progress);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CadreError);
    error = thrown as CadreError;
  }
  return { seen, last: seen.at(-1), error };
}

const writing = (bytes: Buffer) =>
  scriptedSource(async (_source, _file, target) => writeFileSync(target, bytes));

describe('pulling a model', () => {
  it('installs the file under its hash and leaves nothing behind', async () => {
    const at = home();
    const { seen, last } = await pull(at);
    expect(last).toMatchObject({ stage: 'ready', bytes: at.bytes.length, problems: [] });
    expect(seen.map((one) => one.stage)).toContain('verifying');
    expect(readFileSync(at.path)).toEqual(at.bytes);
    expect(existsSync(at.partial)).toBe(false);
  });

  it('does nothing for a file that is there and verified', async () => {
    const at = home();
    await pull(at);
    const again = await pull(at, []);
    expect(again.seen.map((one) => one.stage)).toEqual(['ready']);
  });

  it('takes right bytes that somebody put in place instead of fetching them', async () => {
    const at = home();
    await pull(at);
    writeFileSync(at.path, at.bytes);
    expect((await pull(at, [])).last?.stage).toBe('ready');
  });

  it('sets a file with the wrong hash aside and goes on with the next source', async () => {
    const at = home(['hf:any/where@main/tiny.gguf', 'file:{origin}']);
    const flipped = Buffer.from(at.bytes);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    const { last } = await pull(at, [writing(flipped), ...FILE_SOURCES]);
    expect(last?.stage).toBe('ready');
    expect(last?.problems.join()).toMatch(/from hf: tiny\.gguf has the hash .* instead of/);
    const quarantine = join(at.folder, 'models', 'quarantine');
    const [aside = ''] = readdirSync(quarantine);
    expect(readFileSync(join(quarantine, aside))).toEqual(flipped);
    expect(readFileSync(at.path)).toEqual(at.bytes);
  });

  it('refuses a wrong size before it hashes', async () => {
    const at = home(['hf:any/where@main/tiny.gguf']);
    const { last, error } = await pull(at, [writing(at.bytes.subarray(1))]);
    expect(last?.stage).toBe('failed');
    expect(error?.code).toBe('source_failed');
    expect(error?.message).toContain(`bytes instead of ${at.bytes.length}`);
    expect(existsSync(at.path)).toBe(false);
  });

  it('refuses a GGUF whose head lies, even with the pinned hash', async () => {
    const lying = ggufFile({ metadata: HONEST_METADATA.slice(1) });
    const { error } = await pull(home(['file:{origin}'], lying));
    expect(error?.message).toContain('general.architecture');
  });

  it('names the reason of every source', async () => {
    const at = home(['file:/nowhere/tiny.gguf', 'npm:model@1.0.0/tiny.gguf']);
    const { error, last } = await pull(at);
    expect(error?.message).toContain('file: there is no file /nowhere/tiny.gguf');
    expect(error?.message).toContain('npm: sources of the kind npm are not set up here');
    expect(last?.problems).toHaveLength(2);
  });

  it('says once what several sources say', async () => {
    const at = home(['hf:any/where@main/tiny.gguf', 'maven:a:b:1/tiny.gguf']);
    const offline = (scheme: string): ModelSource => ({
      scheme,
      doFetch: async () => {
        throw new CadreError('egress_refused', `registry:${scheme}: the farm is offline`);
      },
    });
    const { error } = await pull(at, [offline('hf'), offline('maven')]);
    expect(error?.message).toMatch(/could not be had: hf, maven: the farm is offline$/);
  });
});

describe('a full disk', () => {
  it('is seen beforehand, with the bytes that are needed', async () => {
    const at = home();
    at.files.doFreeBytes = async () => 1000;
    const { error, last } = await pull(at);
    expect(error).toMatchObject({ code: 'disk_full' });
    expect(error?.message).toContain(`${at.bytes.length} of the file`);
    expect(error?.message).toContain('1000 are free');
    expect(last?.stage).toBe('failed');
  });

  it('ends the pull when it happens on the way, and keeps what is there', async () => {
    const at = home(['hf:any/where@main/tiny.gguf', 'file:{origin}']);
    const filling = scriptedSource(async (_source, _file, target) => {
      writeFileSync(target, at.bytes.subarray(0, 100));
      throw new Error('write failed', {
        cause: Object.assign(new Error('no space'), { code: 'ENOSPC' }),
      });
    });
    const { error } = await pull(at, [filling, ...FILE_SOURCES]);
    expect(error?.code).toBe('disk_full');
    expect(error?.message).toContain(`${at.bytes.length - 100} of the file`);
    expect(statSync(at.partial).size).toBe(100);
  });
});

describe('an abort', () => {
  it('rejects with its reason and keeps the partial file', async () => {
    const at = home(['hf:any/where@main/tiny.gguf']);
    const abort = new AbortController();
    const hanging = scriptedSource(async (_source, _file, target, { signal }) => {
      writeFileSync(target, at.bytes.subarray(0, 100));
      abort.abort(new Error('enough'));
      signal.throwIfAborted();
    });
    const deps = { files: at.files, sources: [hanging] };
    const stages: string[] = [];
    const run = async () => {
      for await (const { stage } of pullModel(at.entry, deps, { signal: abort.signal }))
        stages.push(stage);
    };
    await expect(run()).rejects.toThrow('enough');
    expect(stages).not.toContain('failed');
    expect(statSync(at.partial).size).toBe(100);
  });
});

describe('many callers', () => {
  /** A source that waits until it is told to go on. */
  function gated(at: ModelHome) {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let runs = 0;
    const aborted: boolean[] = [];
    const source = scriptedSource(async (_source, _file, target, { signal }) => {
      runs += 1;
      await Promise.race([
        gate,
        new Promise((resolve) => signal.addEventListener('abort', resolve)),
      ]);
      // Letting go takes a while, as ending a client does.
      if (signal.aborted) await released;
      aborted.push(signal.aborted);
      signal.throwIfAborted();
      writeFileSync(target, at.bytes);
    });
    return { source, open, letGo, runs: () => runs, aborted };
  }

  const collect = async (stream: AsyncIterable<PullProgress>) => {
    const stages: string[] = [];
    for await (const progress of stream) stages.push(progress.stage);
    return stages;
  };

  it('share one run', async () => {
    const at = home(['hf:any/where@main/tiny.gguf']);
    const gate = gated(at);
    const puller = new ModelPuller({ files: at.files, sources: [gate.source] }, at.library);
    const all = [1, 2, 3].map(() => collect(puller.pull(at.entry, { signal: calm() })));
    expect(puller.isPulling('tiny')).toBe(true);
    gate.open();
    for (const stages of await Promise.all(all)) expect(stages.at(-1)).toBe('ready');
    expect(gate.runs()).toBe(1);
    expect(puller.isPulling('tiny')).toBe(false);
    expect(at.library.stateOf('tiny').state).toBe('installed');
  });

  it('do not lose the run when one of them leaves, but the last one ends it', async () => {
    const at = home(['hf:any/where@main/tiny.gguf']);
    const gate = gated(at);
    const puller = new ModelPuller({ files: at.files, sources: [gate.source] }, at.library);
    const leaving = [new AbortController(), new AbortController()];
    const [first, second] = leaving.map(({ signal }) => collect(puller.pull(at.entry, { signal })));
    leaving[0]?.abort(new Error('first left'));
    await expect(first).rejects.toThrow('first left');
    expect(gate.aborted).toEqual([]);
    leaving[1]?.abort(new Error('second left'));
    await expect(second).rejects.toThrow('second left');
    // A third one gets a run of its own, after the old one let go.
    gate.open();
    const third = collect(puller.pull(at.entry, { signal: calm() }));
    // In the time of a whole pull elsewhere it has not touched the file that the old one holds.
    await pull(home());
    expect(gate.runs()).toBe(1);
    gate.letGo();
    expect((await third).at(-1)).toBe('ready');
    expect(gate.runs()).toBe(2);
    expect(gate.aborted).toEqual([true, false]);
  });

  it('hear it when the farm stops, and nothing runs on', async () => {
    const at = home(['hf:any/where@main/tiny.gguf']);
    const gate = gated(at);
    const puller = new ModelPuller({ files: at.files, sources: [gate.source] }, at.library);
    const watching = collect(puller.pull(at.entry, { signal: calm() }));
    const rejected = expect(watching).rejects.toMatchObject({ code: 'shutting_down' });
    gate.letGo();
    await puller.close();
    await rejected;
    expect(puller.isPulling('tiny')).toBe(false);
    expect(existsSync(at.path)).toBe(false);
  });

  it('all hear why it failed', async () => {
    const at = home(['file:/nowhere/tiny.gguf']);
    const puller = new ModelPuller({ files: at.files, sources: FILE_SOURCES }, at.library);
    const all = [1, 2].map(() => collect(puller.pull(at.entry, { signal: calm() })));
    for (const one of await Promise.allSettled(all))
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'source_failed' } });
    expect(puller.problemOf('tiny')).toContain('there is no file');
  });
});
