import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultProvider } from './fault-provider.ts';
import { chat, type Mode, type RunningTestFarm, startTestFarm } from './running-farm.ts';
import { SIXTY } from './scripted-answer.ts';
import { type TcpFault, TcpFaultProxy } from './tcp-proxy.ts';

/** `itself`, `elsewhere`, or `broken`: words were shown, so a stream ends as an error. */
type Verdict = 'itself' | 'elsewhere' | 'broken';

/** A healthy answer with its headers is longer than 4,000 bytes. */
const WITHIN = 3000;
const FAULTS: Readonly<Record<string, readonly [TcpFault, Verdict]>> = {
  'reset-before-a-byte': [{ kind: 'reset', after: 0 }, 'elsewhere'],
  'reset-within-the-headers': [{ kind: 'reset', after: 20 }, 'elsewhere'],
  'reset-within-the-answer': [{ kind: 'reset', after: WITHIN }, 'broken'],
  'cut-before-a-byte': [{ kind: 'cut', after: 0 }, 'elsewhere'],
  'cut-within-the-headers': [{ kind: 'cut', after: 20 }, 'elsewhere'],
  'cut-within-the-answer': [{ kind: 'cut', after: WITHIN }, 'broken'],
  'stall-before-a-byte': [{ kind: 'stall', after: 0 }, 'elsewhere'],
  'stall-within-the-headers': [{ kind: 'stall', after: 20 }, 'elsewhere'],
  'stall-within-the-answer': [{ kind: 'stall', after: WITHIN }, 'broken'],
  'byte-by-byte': [{ kind: 'slow', after: 100 }, 'itself'],
};
const NAMES = Object.keys(FAULTS);
const MODES: readonly Mode[] = ['stream', 'whole'];

let provider: FaultProvider;
let farm: RunningTestFarm;
const proxies: TcpFaultProxy[] = [];

beforeAll(async () => {
  provider = await FaultProvider.start({});
  const target = Number(new URL(provider.url).port);
  // Takes connections and never says a word, so that a handshake does not come to its end.
  const mute = await TcpFaultProxy.start(target, () => ({ kind: 'mute' }));
  proxies.push(mute);
  const destinations = await Promise.all(
    Object.entries(FAULTS).map(async ([id, [fault]]) => {
      const proxy = await TcpFaultProxy.start(target, () => fault);
      proxies.push(proxy);
      const isStall = fault.kind === 'stall';
      return {
        id,
        kind: 'openai',
        url: `http://127.0.0.1:${proxy.port}/v1`,
        retry: { most: 0 },
        ...(isStall ? { firstByteSeconds: 0.5, betweenBytesSeconds: 0.5 } : {}),
      };
    }),
  );
  farm = await startTestFarm({
    destinations: [
      ...destinations,
      { id: 'healthy', kind: 'openai', url: `${provider.url}/v1` },
      // Nobody listens on the discard port here.
      { id: 'refused', kind: 'openai', url: 'http://127.0.0.1:9/v1', retry: { most: 0 } },
      {
        id: 'mute',
        kind: 'openai',
        url: `https://127.0.0.1:${mute.port}/v1`,
        retry: { most: 0 },
        connectSeconds: 0.3,
      },
    ],
    spokes: [
      ...[...NAMES, 'refused', 'mute'].map((id) => ({
        id,
        model: `${id}/m`,
        fallback: ['fallback'],
      })),
      { id: 'fallback', model: 'healthy/fallback' },
    ],
  });
});
afterAll(async () => {
  await farm.stop();
  for (const proxy of proxies) await proxy.stop();
  await provider.stop();
});

describe('a connection with a fault', () => {
  it.each(NAMES.flatMap((name) => MODES.map((mode) => [name, mode] as const)))(
    '%s (%s)',
    async (name, mode) => {
      const verdict = FAULTS[name]?.[1];
      const seen = await chat(farm.url, name, mode);
      if (verdict === 'broken' && mode === 'stream') {
        expect(seen).toMatchObject({ finish: undefined, isClean: false });
        expect(seen.error?.code).toMatch(/^upstream_/);
        expect(SIXTY.startsWith(seen.text)).toBe(true);
        expect(seen.text).not.toBe('');
      } else
        expect(seen).toMatchObject({
          status: 200,
          text: SIXTY,
          isClean: true,
          spoke: verdict === 'itself' ? name : 'fallback',
        });
    },
  );

  it('that nobody takes goes to the stand-in', async () => {
    const seen = await chat(farm.url, 'refused', 'stream');
    expect(seen).toMatchObject({ text: SIXTY, spoke: 'fallback' });
    expect((await farm.receipt(seen.receipt)).attempts[0]).toMatchObject({ fault: 'unreachable' });
  });

  it('that never comes about is given up after its own deadline', async () => {
    const seen = await chat(farm.url, 'mute', 'stream');
    expect(seen).toMatchObject({ text: SIXTY, spoke: 'fallback' });
    expect((await farm.receipt(seen.receipt)).attempts[0]).toMatchObject({
      code: 'upstream_timeout',
      fault: 'unreachable',
    });
  });
});
