import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { OnnxProcess, type OnnxProcessOptions } from '../../src/adapters/models/onnx-process.ts';
import type { OnnxModelSpec } from '../../src/adapters/models/onnx-protocol.ts';
import { HandClock } from '../fixtures/hand-clock.ts';

const model: OnnxModelSpec = {
  id: 'scripted',
  path: '',
  tokenizerPath: '',
  dimensions: 1,
  pooling: 'cls',
  queryPrefix: '',
  maxTokens: 8,
  threads: 1,
};
const opened: OnnxProcess[] = [];

function open(options: OnnxProcessOptions = {}) {
  const host = new OnnxProcess({
    workerFile: resolve(import.meta.dirname, 'scripted-child.ts'),
    ...options,
  });
  opened.push(host);
  const ask = (text: string, signal = new AbortController().signal) =>
    host.doCall({ type: 'embed', model, kind: 'query', texts: [text] }, signal);
  return { host, ask };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((host) => host.doClose()));
});

describe('the ONNX process', () => {
  it('starts with the first call and reports its memory', async () => {
    const { host, ask } = open();
    expect(host.pid).toBeUndefined();
    expect(await ask('hello')).toMatchObject({ type: 'embedded', tokenCount: 1 });
    expect(host.pid).toBeGreaterThan(0);
    expect(host.memoryBytes).toBe(1000);
  });

  it('rejects all calls under way when it dies, and serves the next one in a new process', async () => {
    const { host, ask } = open();
    await ask('hello');
    const first = host.pid;
    const results = await Promise.allSettled([ask('hang'), ask('die')]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'worker_crashed', message: expect.stringContaining('told to die') },
      });
    }
    expect(host.memoryBytes).toBe(0);
    expect(await ask('hello')).toMatchObject({ type: 'embedded' });
    expect(host.pid).not.toBe(first);
  });

  it('waits longer after every crash in a row, and says how long', async () => {
    const clock = new HandClock();
    const { ask } = open({ elapsed: () => clock.elapsed() });
    const crashed = { code: 'worker_crashed' };
    await expect(ask('die')).rejects.toMatchObject(crashed);
    await expect(ask('die')).rejects.toMatchObject({ message: expect.stringContaining('code 7') });
    await expect(ask('hello')).rejects.toMatchObject({ ...crashed, retryAfter: 1 });
    clock.advance(500);
    await expect(ask('die')).rejects.toMatchObject({ message: expect.stringContaining('code 7') });
    clock.advance(999);
    await expect(ask('hello')).rejects.toMatchObject({
      message: expect.stringContaining('3 times in a row'),
    });
    clock.advance(1);
    expect(await ask('hello')).toMatchObject({ type: 'embedded' });
  });

  it('ends a child that has work and gives no sign of life', async () => {
    const { ask } = open({ stallSeconds: 0.2 });
    await expect(ask('hang')).rejects.toMatchObject({
      code: 'worker_crashed',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  it('rejects at once with the reason of an abort and tells the child', async () => {
    const { ask } = open();
    const controller = new AbortController();
    const hanging = ask('hang', controller.signal);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    await expect(hanging).rejects.toBe(reason);
    await expect(ask('hello', controller.signal)).rejects.toBe(reason);
    expect(await ask('hello')).toMatchObject({ vectors: [Float32Array.of(1)] });
  });

  it('rejects what is under way when it is closed, and everything after', async () => {
    const { host, ask } = open();
    const hanging = expect(ask('hang')).rejects.toMatchObject({ code: 'shutting_down' });
    await host.doClose();
    await hanging;
    await expect(ask('hello')).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
