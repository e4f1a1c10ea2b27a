import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress, type Egress } from '../../src/adapters/egress/egress.ts';
import type { DestinationConfig } from '../../src/core/config.ts';
import type { Model, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT } from '../fixtures/vendor.ts';
import { describeFaults, describeRefusals } from './model-faults.ts';
import { asking, collect, KEY, type Open, REQUEST, saying, textOf, USAGE } from './wire-asking.ts';
import type { Told, Wire } from './wire-doubles.ts';

const SCHEMA = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
} as const;
export type Create = (parts: {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}) => Model;

/** What every model promises, in this process, in a child or behind a wire. */
export function describeModel(name: string, open: (says: Told) => Promise<Model>): void {
  const signal = new AbortController().signal;
  describe(`${name}, as any model`, () => {
    it('streams text, counts it, and ends once and last', async () => {
      const model = await open({ text: ['a', 'b'], finish: 'length', usage: USAGE });
      const events = await collect(model.doChat(REQUEST, { signal, permit: PERMIT }));
      const ended = events.at(-1);
      expect(events.filter((event) => event.type === 'ended')).toEqual([ended]);
      expect(events.filter((event) => event.type === 'text').length).toBeGreaterThan(0);
      expect(ended).toMatchObject({ finishReason: 'length' });
      if (ended?.type !== 'ended') return;
      expect(ended.usage.promptTokens).toBeGreaterThan(0);
      expect(ended.usage.completionTokens).toBeGreaterThan(0);
      expect(ended.usage.completionTokens).toBeLessThanOrEqual(REQUEST.maxTokens);
      expect(ended.promptMs).toBeGreaterThanOrEqual(0);
      expect(ended.generationMs).toBeGreaterThanOrEqual(0);
    });

    it('answers by the schema', async () => {
      const model = await open({ text: ['{"n":', '4}'], usage: USAGE });
      const asked = { ...REQUEST, maxTokens: 60, jsonSchema: { const: { n: 4 } } };
      const events = await collect(model.doChat(asked, { signal, permit: PERMIT }));
      expect(JSON.parse(textOf(events))).toEqual({ n: 4 });
      expect(events.at(-1)).toMatchObject({ finishReason: 'stop' });
    });

    it('stops with the signal’s own reason, before it began and in the middle', async () => {
      const model = await open({ text: ['a', 'b', 'c'], usage: USAGE });
      const passed = AbortSignal.abort(new Error('too late'));
      await expect(
        collect(model.doChat(REQUEST, { signal: passed, permit: PERMIT })),
      ).rejects.toThrow('too late');
      const controller = new AbortController();
      const read = async () => {
        const asked = { ...REQUEST, maxTokens: 200 };
        for await (const event of model.doChat(asked, {
          signal: controller.signal,
          permit: PERMIT,
        }))
          if (event.type === 'text') controller.abort(new Error('enough'));
      };
      await expect(read()).rejects.toThrow('enough');
      // It is none the worse for it.
      expect(textOf(await collect(model.doChat(REQUEST, { signal, permit: PERMIT })))).not.toBe('');
    });
  });
}

/** What a model behind a wire promises, whatever its server does. */
export function describeWire(name: string, wire: Wire, create: Create): void {
  const open: Open = (vendor, change = {}) => {
    const url =
      wire.destination.kind === 'openai' || wire.destination.kind === 'anthropic'
        ? `${vendor.url}/v1`
        : vendor.url;
    const destination = vendor.destination({ url, ...wire.destination, ...change });
    const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
    onTestFinished(() => egress.close());
    return create({ destination, model: 'm', key: KEY, egress });
  };
  describeModel(name, async (told) => open(await saying(wire, wire.pieces(told))));
  describe(`${name}, well`, () => describeAnswers(wire, open));
  describe(`${name}, asked`, () => describeQuestions(wire, open));
  describe(`${name}, refusing`, () => describeRefusals(wire, open));
  describe(`${name}, breaking`, () => describeFaults(wire, open));
}

function describeAnswers(wire: Wire, open: Open): void {
  it('says what the server said and counts what it counted', async () => {
    const told: Told = { text: ['Hé', 'llo'], usage: USAGE };
    const vendor = await saying(wire, wire.pieces(told));
    const events = await asking(open(vendor));
    expect(textOf(events)).toBe('Héllo');
    expect(events.at(-1)).toMatchObject({
      finishReason: 'stop',
      usage: { promptTokens: 7, cachedTokens: 0, completionTokens: 2 },
    });
    expect(vendor.requests[0]?.path).toBe(wire.path);
    expect(JSON.stringify(vendor.requests[0]?.headers)).toContain(KEY);
  });

  it('reads bytes that are cut anywhere', async () => {
    const bytes = Buffer.from(wire.pieces({ text: ['Hé', 'llo'], usage: USAGE }).join(''));
    const events = await asking(
      open(
        await saying(
          wire,
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
      ),
    );
    expect(textOf(events)).toBe('Héllo');
  });

  it('estimates where the server counts nothing', async () => {
    const events = await asking(open(await saying(wire, wire.pieces({ text: ['a', 'b'] }))));
    const ended = events.at(-1);
    if (ended?.type !== 'ended') throw new Error('no end');
    expect(ended.usage.promptTokens).toBeGreaterThan(0);
    expect(ended.usage.completionTokens).toBeGreaterThan(0);
  });

  it.each(['stop', 'length', 'tool-calls'] as const)(
    'tells that it ended by %s',
    async (finish) => {
      const calls = finish === 'tool-calls' ? [{ name: 'f', arguments: {} }] : [];
      const events = await asking(
        open(await saying(wire, wire.pieces({ text: ['a'], calls, finish, usage: USAGE }))),
      );
      expect(events.at(-1)).toMatchObject({ finishReason: finish });
    },
  );

  it('tells thought from speech', async () => {
    const pieces = wire.pieces({ thought: 'hm', text: ['yes'], usage: USAGE });
    const events = await asking(open(await saying(wire, pieces)));
    expect(events.slice(0, 2)).toEqual([
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: 'yes' },
    ]);
  });

  it('hands over each call of a tool with its own number, name and arguments', async () => {
    const calls = [
      { name: 'look', arguments: { city: 'Ås', days: 2 } },
      { name: 'tell', arguments: {} },
    ];
    const pieces = wire.pieces({ calls, finish: 'tool-calls', usage: USAGE });
    const events = await asking(open(await saying(wire, pieces)));
    const heard = new Map<number, { id: string; name: string; written: string }>();
    for (const event of events) {
      if (event.type !== 'tool-call') continue;
      const one = heard.get(event.index) ?? { id: '', name: '', written: '' };
      one.id += event.id ?? '';
      one.name += event.name ?? '';
      one.written += event.arguments;
      heard.set(event.index, one);
    }
    const all = [...heard.values()];
    expect(
      all.map(({ name, written }) => ({ name, arguments: JSON.parse(written || '{}') })),
    ).toEqual(calls);
    expect(new Set(all.map(({ id }) => id)).size).toBe(2);
  });
}

function describeQuestions(wire: Wire, open: Open): void {
  const heardOf = async (request: ModelRequest) => {
    const vendor = await saying(wire, wire.pieces({ text: ['{}'], usage: USAGE }));
    await asking(open(vendor), request);
    return wire.hear(JSON.parse(vendor.requests[0]?.body ?? ''));
  };

  it('sends words, limits and tools in the server’s dialect', async () => {
    const tools = [{ name: 'look', parameters: { type: 'object' } as const }];
    expect(await heardOf({ ...REQUEST, tools })).toMatchObject({
      model: 'm',
      text: 'hi',
      maxTokens: 9,
      temperature: 0,
      tools: ['look'],
    });
  });

  it('binds the answer to the schema itself', async () => {
    expect((await heardOf({ ...REQUEST, jsonSchema: SCHEMA })).schema).toEqual(SCHEMA);
  });

  it('sends nothing without a permit', async () => {
    const vendor = await saying(wire, []);
    const { signal } = new AbortController();
    await expect(collect(open(vendor).doChat(REQUEST, { signal }))).rejects.toMatchObject({
      code: 'egress_refused',
    });
    expect(vendor.requests).toEqual([]);
  });
}
