import { expect, it } from 'vitest';
import { freePort } from '../conformance/ports.ts';
import { PERMIT, sendAnswer, startVendor } from '../fixtures/vendor.ts';
import { asking, KEY, type Open, REQUEST, saying, USAGE } from './wire-asking.ts';
import type { Wire } from './wire-doubles.ts';

/** What a model makes of its server’s refusals. */
export function describeRefusals(wire: Wire, open: Open): void {
  const refusing = async ({ status, body, headers }: Wire['overloaded'], more = {}) => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, status, body, { ...headers, ...more }),
    );
    return asking(open(vendor)).then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it('knows a model that is not there', async () => {
    expect(await refusing(wire.unknownModel)).toMatchObject({
      code: 'config_invalid',
      fault: 'unknown-model',
    });
  });

  it('knows a server that has too much to do, and when to come back', async () => {
    const error = await refusing(wire.overloaded, { 'retry-after': '7' });
    expect(error).toMatchObject({
      code: 'upstream_overloaded',
      fault: 'overloaded',
      retryAfter: 7,
    });
    expect(await refusing(wire.overloaded)).toMatchObject({ code: 'upstream_overloaded' });
    const limited = { ...wire.overloaded, status: 429 };
    expect(await refusing(limited)).toMatchObject({
      code: 'upstream_overloaded',
      fault: 'rate-limited',
    });
  });

  it('knows a prompt that does not fit', async () => {
    expect(await refusing(wire.tooLong)).toMatchObject({ code: 'context_length_exceeded' });
  });

  it('hands on what is wrong with a request, and no secret with it', async () => {
    const error = await refusing(wire.refused(`tool “f” is odd, said ${KEY}`));
    expect(error).toMatchObject({ code: 'invalid_request', fault: 'refused' });
    expect(String(error)).toContain('is odd');
    expect(String(error)).not.toContain(KEY);
  });

  it('says no more of a refused key than that', async () => {
    const error = await refusing({ ...wire.refused(`bad key ${KEY}`), status: 401 });
    expect(error).toMatchObject({ code: 'config_invalid', fault: 'unauthorized' });
    expect(String(error)).not.toContain('sk-');
  });
}

/** What a model makes of a server that breaks its word. */
export function describeFaults(wire: Wire, open: Open): void {
  const whole = wire.pieces({ text: ['a', 'b'], usage: USAGE });
  const begun = whole.slice(0, -3);

  it.each([
    ['cut', 'cut'],
    ['end', 'cut'],
  ] as const)('notices an answer that breaks off (%s)', async (end, fault) => {
    const model = open(await saying(wire, wire.pieces({ text: ['a', 'b'] }).slice(0, 2), end));
    await expect(asking(model)).rejects.toMatchObject({ code: 'upstream_failed', fault });
  });

  it.each([
    ['half a text', 'data: {"cho\n\n'],
    ['a number', 'data: 5\n\n'],
  ])('notices %s in the place of an object', async (_what, event) => {
    const piece = wire.type.includes('ndjson') ? event.replace('data: ', '') : event;
    const model = open(await saying(wire, [...begun, piece]));
    await expect(asking(model)).rejects.toMatchObject({
      code: 'upstream_failed',
      fault: 'malformed',
    });
  });

  it('notices an error within, and quotes no secret', async () => {
    const model = open(await saying(wire, [...begun, wire.errorWithin(`runner died, ${KEY}`)]));
    const error: unknown = await asking(model).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'upstream_failed' });
    expect(String(error)).toContain('runner died');
    expect(String(error)).not.toContain(KEY);
  });

  it('refuses a page in the place of an answer', async () => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 200, '<html>', { 'content-type': 'text/html' }),
    );
    await expect(asking(open(vendor))).rejects.toMatchObject({ code: 'upstream_failed' });
  });

  it('notices that nobody is there', async () => {
    const vendor = await startVendor(() => undefined);
    const port = await freePort();
    const model = open({ ...vendor, url: `http://127.0.0.1:${port}` });
    await expect(asking(model)).rejects.toMatchObject({
      code: 'upstream_failed',
      fault: 'unreachable',
    });
  });

  it('gives up on a silent server and lets it go', async () => {
    const vendor = await saying(wire, wire.pieces({ text: ['a', 'b'] }).slice(0, 2), 'hang');
    const model = open(vendor, { betweenBytesSeconds: 0.05 });
    await expect(asking(model)).rejects.toMatchObject({ code: 'upstream_timeout' });
    await vendor.requests[0]?.gone;
  });

  it.each(['the caller stops', 'the reader leaves'])(
    'ends the work at the server when %s',
    async (how) => {
      const vendor = await saying(wire, wire.pieces({ text: ['a', 'b'] }).slice(0, 2), 'hang');
      const controller = new AbortController();
      const answer = open(vendor).doChat(REQUEST, { signal: controller.signal, permit: PERMIT });
      const read = async () => {
        for await (const event of answer) {
          if (event.type !== 'text') continue;
          if (how === 'the reader leaves') break;
          controller.abort();
        }
      };
      if (how === 'the reader leaves') await read();
      else await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
      await vendor.requests[0]?.gone;
    },
  );
}
