import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LlamaChild } from '../../src/adapters/models/llama-child.ts';
import { createLlamaLoader } from '../../src/adapters/models/llama-process.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import {
  ask,
  ENTRY,
  estimateNothing,
  loadModel,
  NEVER,
  randomModel,
  request,
} from './llama-harness.ts';

const file = randomModel();
afterAll(() => file.remove());

const LOAD = { type: 'load', contextTokens: 2048, slots: 1, threads: 1, batchTokens: 64 } as const;

async function startChild(stallSeconds: number, onExit: (reason: string) => void) {
  const child = new LlamaChild('random', stallSeconds, onExit);
  await child.doLoad({ ...LOAD, path: file.path }, () => undefined, NEVER);
  return child;
}

/** Reads until the first text, then leaves the rest to the caller. */
async function firstText(stream: AsyncIterator<ModelEvent>): Promise<void> {
  for (;;) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error('the stream ended without text');
    if (value.type === 'text') return;
  }
}

describe('a request that is cancelled', () => {
  it('rejects with the reason and frees its slot', async () => {
    const { model, doUnload } = await loadModel(file.path);
    const abort = new AbortController();
    const stream = model
      .doChat(request('Cancel me', { maxTokens: 1900 }), { signal: abort.signal })
      [Symbol.asyncIterator]();
    await firstText(stream);
    const reason = new Error('gone');
    abort.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
    const { ended } = await ask(model, request('Next'));
    expect(ended.usage.completionTokens).toBe(40);
    await doUnload();
  });

  it('frees its slot when the reader just stops', async () => {
    const { model, doUnload } = await loadModel(file.path);
    const asked = request('Leave', { maxTokens: 1900 });
    for await (const event of model.doChat(asked, { signal: NEVER }))
      if (event.type === 'text') break;
    expect((await ask(model, request('Next'))).text).not.toBe('');
    await doUnload();
  });

  it('rejects while it waits for a slot, and the others go on', async () => {
    const { model, doUnload } = await loadModel(file.path);
    const abort = new AbortController();
    const first = ask(model, request('First', { maxTokens: 400 }));
    const second = ask(model, request('Second'), abort.signal);
    const third = ask(model, request('Third'));
    abort.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect((await first).ended.usage.completionTokens).toBe(400);
    expect((await third).ended.usage.completionTokens).toBe(40);
    await doUnload();
  });

  it('is not started when it was cancelled before', async () => {
    const { model, doUnload } = await loadModel(file.path);
    await expect(ask(model, request('x'), AbortSignal.abort(new Error('early')))).rejects.toThrow(
      'early',
    );
    await doUnload();
  });
});

describe('the model process', () => {
  it('answers several at once', async () => {
    const { model, doUnload } = await loadModel(file.path, { slots: 3 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ask(model, request(`Question ${index}`))),
    );
    for (const { ended } of answers) expect(ended.usage.completionTokens).toBe(40);
    await doUnload();
  });

  it('loses no event when the reader is slow', async () => {
    const { model, doUnload } = await loadModel(file.path);
    const asked = request('Slow', { maxTokens: 1500 });
    const whole = await ask(model, asked);
    let text = '';
    let count = 0;
    for await (const event of model.doChat(asked, { signal: NEVER })) {
      if (event.type === 'text') text += event.text;
      count += 1;
      if (count === 1) await sleep(700);
    }
    expect(text).toBe(whole.text);
    await doUnload();
  });

  it('is not taken for stuck while a reader takes its time', async () => {
    const reasons: string[] = [];
    const child = await startChild(1, (reason) => reasons.push(reason));
    // Written to its end, and too long to be written before it is read.
    for (const maxTokens of [40, 1500]) {
      let ended: ModelEvent | undefined;
      let count = 0;
      for await (const event of child.doChat(request('Slow', { maxTokens }), NEVER)) {
        count += 1;
        if (count === 1) await sleep(3000);
        ended = event;
      }
      expect(ended).toMatchObject({ type: 'ended', usage: { completionTokens: maxTokens } });
    }
    expect(reasons).toEqual([]);
    await child.doStop();
  });

  it('that is killed rejects what runs, says so once, and refuses what comes', async () => {
    const reasons: string[] = [];
    const child = await startChild(60, (reason) => reasons.push(reason));
    const stream = child.doChat(request('Kill', { maxTokens: 1900 }), NEVER);
    await firstText(stream);
    process.kill(child.processId ?? 0, 'SIGKILL');
    await expect(
      (async () => {
        for await (const event of stream) expect(event.type).not.toBe('ended');
      })(),
    ).rejects.toMatchObject({ code: 'worker_crashed' });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain('SIGKILL');
    await expect(child.doChat(request('x'), NEVER).next()).rejects.toMatchObject({
      code: 'worker_crashed',
    });
  });

  it('that hangs is killed after the stall time', async () => {
    const reasons: string[] = [];
    const child = await startChild(1, (reason) => reasons.push(reason));
    const stream = child.doChat(request('Hang', { maxTokens: 1900 }), NEVER);
    await firstText(stream);
    process.kill(child.processId ?? 0, 'SIGSTOP');
    await expect(
      (async () => {
        for await (const event of stream) expect(event.type).not.toBe('ended');
      })(),
    ).rejects.toMatchObject({
      code: 'model_stuck',
      message: expect.stringMatching(/no progress/),
    });
    expect(reasons).toHaveLength(1);
  });

  it('that hangs while it counts is killed after the stall time, too', async () => {
    const child = await startChild(1, () => undefined);
    process.kill(child.processId ?? 0, 'SIGSTOP');
    await expect(child.doCount(request('Count'), NEVER)).rejects.toMatchObject({
      code: 'model_stuck',
    });
  });

  it('that is unloaded rejects what runs and is not called a crash', async () => {
    const reasons: string[] = [];
    const child = await startChild(60, (reason) => reasons.push(reason));
    const stream = child.doChat(request('Unload', { maxTokens: 1900 }), NEVER);
    await firstText(stream);
    await child.doStop();
    await expect(
      (async () => {
        for await (const event of stream) expect(event.type).not.toBe('ended');
      })(),
    ).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(reasons).toEqual([]);
  });

  it('ends with its parent', async () => {
    const url = new URL('../../src/adapters/models/llama-child.ts', import.meta.url);
    const code = `
      const { LlamaChild } = await import(${JSON.stringify(url.href)});
      const child = new LlamaChild('random', 60, () => undefined);
      const load = ${JSON.stringify({ ...LOAD, path: file.path })};
      await child.doLoad(load, () => undefined, new AbortController().signal);
      console.log(child.processId);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [data] = await once(parent.stdout, 'data');
    const pid = Number(String(data));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    while (isAlive(pid)) await sleep(50);
  });
});

describe('loading', () => {
  it('rejects for a file that is cut off, and the caller lives on', async () => {
    const broken = randomModel();
    truncateSync(broken.path, 60_000);
    await expect(loadModel(broken.path)).rejects.toMatchObject({
      code: expect.stringMatching(/model_damaged|worker_crashed/),
    });
    writeFileSync(broken.path, 'GGUF and nothing that makes sense');
    await expect(loadModel(broken.path)).rejects.toMatchObject({
      code: expect.stringMatching(/model_damaged|worker_crashed/),
    });
    broken.remove();
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    const loader = createLlamaLoader({
      threads: 1,
      slots: 1,
      contextTokens: 512,
      batchTokens: 64,
      stallSeconds: 60,
      locate: () => ({ path: file.path }),
      estimate: estimateNothing,
    });
    const loading = loader.doLoad(ENTRY, {
      signal: abort.signal,
      onProgress: () => undefined,
      onExit: () => undefined,
    });
    abort.abort(new Error('never mind'));
    await expect(loading).rejects.toThrow('never mind');
  });

  it('uses no more context than the model was trained on', async () => {
    const small = randomModel({ seed: 1, contextLength: 256 });
    const { model, doUnload } = await loadModel(small.path);
    const { ended } = await ask(model, request('Long', { maxTokens: 100_000 }));
    expect(ended.usage.promptTokens + ended.usage.completionTokens).toBe(256);
    await doUnload();
    small.remove();
  });

  it('falls back to ChatML without a template', async () => {
    const bare = randomModel({ seed: 1, template: null });
    const { model, doUnload } = await loadModel(bare.path);
    const expected = '<s>user\nHi<e>\n<s>assistant\n'.length;
    const { read } = await ask(model, request('Hi', { maxTokens: 1 }));
    expect(read.promptTokens).toBe(expected - 6);
    await doUnload();
    bare.remove();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
