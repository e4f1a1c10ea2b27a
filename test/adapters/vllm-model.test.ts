import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createVllmModel } from '../../src/adapters/models/vllm-model.ts';
import { VllmServer } from '../../src/adapters/models/vllm-server.ts';
import { textPart } from '../../src/core/chat.ts';
import type { Model, ModelRequest } from '../../src/core/ports.ts';
import { describeWire } from '../contracts/model-contract.ts';
import { startVllm } from '../contracts/server-doubles.ts';
import { collect, textOf } from '../contracts/wire-asking.ts';
import { VLLM } from '../contracts/wire-doubles.ts';
import { PERMIT, sendPieces } from '../fixtures/vendor.ts';

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};
const ADAPTERS = { french: '/adapters/french', lost: '/nowhere' };
const { signal } = new AbortController();

async function farmOf(options: Parameters<typeof startVllm>[0] = {}) {
  const double = await startVllm({
    chat: (response, model) => void sendPieces(response, VLLM.pieces({ text: [`I am ${model}`] })),
    ...options,
  });
  const { vendor } = double;
  const destination = vendor.destination({ kind: 'vllm', url: vendor.url, adapters: ADAPTERS });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const parts = { destination, key: undefined, egress };
  const server = new VllmServer({ ...parts, permit: () => PERMIT });
  const modelOf = (model: string) => createVllmModel({ ...parts, model, server });
  const deeds = () =>
    vendor.requests.map(({ path }) => path).filter((path) => !/chat|models|is_/.test(path));
  return { double, server, modelOf, deeds };
}

async function answer(model: Model, call = signal): Promise<string> {
  return textOf(await collect(model.doChat(REQUEST, { signal: call, permit: PERMIT })));
}

describe('an adapter', () => {
  it('is loaded once, by the first who asks for it, however many ask', async () => {
    const { double, modelOf } = await farmOf();
    const all = await Promise.all(Array.from({ length: 8 }, () => answer(modelOf('french'))));
    expect(new Set(all)).toEqual(new Set(['I am french']));
    expect(double.loads).toEqual(['french from /adapters/french']);
  });

  it('is loaded for the others when the first has given up', async () => {
    const { double, modelOf } = await farmOf();
    const first = new AbortController();
    const given = answer(modelOf('french'), first.signal);
    const other = answer(modelOf('french'));
    first.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect(await other).toBe('I am french');
    expect(double.loads).toHaveLength(1);
  });

  it('is loaded anew when its server was started anew', async () => {
    const { double, modelOf } = await farmOf();
    await answer(modelOf('french'));
    double.held.clear();
    expect(await answer(modelOf('french'))).toBe('I am french');
    expect(double.loads).toHaveLength(2);
  });

  it('that another farm has loaded is taken as it is', async () => {
    const { double, modelOf } = await farmOf();
    double.held.add('french');
    expect(await answer(modelOf('french'))).toBe('I am french');
    expect(double.loads).toEqual([]);
  });

  it('that the server cannot find is told, and asked for again the next time', async () => {
    const { double, modelOf } = await farmOf();
    for (const _time of [1, 2])
      await expect(answer(modelOf('lost'))).rejects.toMatchObject({
        fault: 'unknown-model',
        message: expect.stringContaining('No adapter found'),
      });
    expect(double.loads).toHaveLength(2);
  });

  it('cannot come where the server lets none come, and the words say what would', async () => {
    const { modelOf } = await farmOf({ canLoad: false });
    await expect(answer(modelOf('french'))).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('VLLM_ALLOW_RUNTIME_LORA_UPDATING'),
    });
  });
});

describe('a base', () => {
  it('sleeps when it is unloaded and is woken up by the next request', async () => {
    const { double, server, modelOf, deeds } = await farmOf();
    expect(await answer(modelOf('base'))).toBe('I am base');
    expect(await server.doUnload('base', { signal })).toBe(true);
    expect(double.isAsleep).toBe(true);
    expect(await server.doList({ signal })).toMatchObject([
      { id: 'base', state: 'sleeping', contextLength: 8192 },
      { id: 'french', state: 'out', adapterOf: 'base' },
      { id: 'lost', state: 'out', adapterOf: 'base' },
    ]);
    await Promise.all([answer(modelOf('base')), answer(modelOf('base'))]);
    expect(double.isAsleep).toBe(false);
    expect(deeds()).toEqual(['/sleep?level=1&mode=wait', '/wake_up']);
  });

  it('is woken up by hand', async () => {
    const { double, server } = await farmOf();
    double.isAsleep = true;
    await server.doLoad('base', { signal, pin: false });
    expect(double.isAsleep).toBe(false);
  });

  it('answers on a server that knows no sleep, and says what would let it give way', async () => {
    const { server, modelOf } = await farmOf({ canSleep: false });
    expect(await answer(modelOf('base'))).toBe('I am base');
    await expect(server.doUnload('base', { signal })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('--enable-sleep-mode'),
    });
  });

  it('that was put to sleep amid an answer has cut it', async () => {
    const cut = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'abort' }] })}\n\n`;
    const { modelOf } = await farmOf({
      chat: (response) =>
        void sendPieces(response, [...VLLM.pieces({ text: ['a'] }).slice(0, 2), cut]),
    });
    await expect(answer(modelOf('base'))).rejects.toMatchObject({ fault: 'cut' });
  });
});

describeWire('vLLM', VLLM, (parts) => {
  // Of the server beside the chats nothing but its being awake is needed here.
  const server = {
    doReady: async () => undefined,
    forget: () => undefined,
    isAdapter: () => false,
  };
  return createVllmModel({ ...parts, server });
});
