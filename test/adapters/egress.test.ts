import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkedUrl } from '../../src/adapters/egress/download.ts';
import { createEgress, type Egress } from '../../src/adapters/egress/egress.ts';
import type { DestinationConfig } from '../../src/core/config.ts';
import { PERMIT, sendAnswer, sendPieces, startVendor } from '../fixtures/vendor.ts';

function start(destinations: readonly DestinationConfig[], offline = false): Egress {
  const egress = createEgress({
    refusal: (permit) => (permit === PERMIT ? undefined : 'it was not issued'),
    destinations,
    offline,
  });
  onTestFinished(() => egress.close());
  return egress;
}

const REQUEST = {
  permit: PERMIT,
  destination: 'vendor',
  path: '/x',
  headers: {},
  body: '{}',
  signal: new AbortController().signal,
};

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('sending', () => {
  it('opens nothing without a good permit', async () => {
    const vendor = await startVendor((_request, response) => sendAnswer(response, 200, '{}'));
    const egress = start([vendor.destination()]);
    for (const change of [
      { permit: undefined },
      { permit: { ...PERMIT } },
      { destination: 'elsewhere' },
    ])
      await expect(egress.send({ ...REQUEST, ...change })).rejects.toMatchObject({
        code: 'egress_refused',
      });
    expect(vendor.requests).toEqual([]);
    const response = await egress.send(REQUEST);
    expect([response.status, await read(response.body)]).toEqual([200, '{}']);
    expect(vendor.requests[0]).toMatchObject({ method: 'POST', path: '/v1/x', body: '{}' });
  });

  it('hands redirects back', async () => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 307, '', { location: 'http://127.0.0.1:1/' }),
    );
    const response = await start([vendor.destination()]).send(REQUEST);
    expect(response.status).toBe(307);
    expect(vendor.requests).toHaveLength(1);
    await read(response.body);
  });

  it('rejects at the abort and closes the connection', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, ['data: 1\n\n'], 'hang'),
    );
    const egress = start([vendor.destination()]);
    const controller = new AbortController();
    const response = await egress.send({ ...REQUEST, signal: controller.signal });
    const iterator = response.body[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await vendor.requests[0]?.gone;
    await expect(egress.send({ ...REQUEST, signal: controller.signal })).rejects.toThrow('enough');
  });

  it('rejects at an abort before the headers', async () => {
    const vendor = await startVendor(() => {});
    const controller = new AbortController();
    const sent = start([vendor.destination()]).send({ ...REQUEST, signal: controller.signal });
    await expect.poll(() => vendor.requests.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    await vendor.requests[0]?.gone;
  });

  it('closes the connection when the reader leaves', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, ['data: 1\n\n'], 'hang'),
    );
    const response = await start([vendor.destination()]).send(REQUEST);
    for await (const _chunk of response.body) break;
    await vendor.requests[0]?.gone;
  });

  it('gives up on silence: before the headers, before the body, within it', async () => {
    const limits = { firstByteSeconds: 0.05, betweenBytesSeconds: 0.05 };
    const silent = await startVendor(() => {});
    const sent = start([silent.destination(limits)]).send(REQUEST);
    await expect(sent).rejects.toMatchObject({ code: 'upstream_timeout' });
    for (const pieces of [[], ['data: 1\n\n']]) {
      const vendor = await startVendor((_request, response) => {
        response.flushHeaders();
        for (const piece of pieces) response.write(piece);
      });
      const response = await start([vendor.destination(limits)]).send(REQUEST);
      await expect(read(response.body)).rejects.toMatchObject({ code: 'upstream_timeout' });
      await vendor.requests[0]?.gone;
    }
  });

  it('does not take its own busyness for silence', async () => {
    const vendor = await startVendor((_request, response) => {
      response.writeHead(200);
      response.end('here');
      // The answer lies in the socket before the deadline; nobody can read it yet.
      const start = performance.now();
      while (performance.now() - start < 120);
    });
    const egress = start([vendor.destination({ firstByteSeconds: 0.06 })]);
    expect(await read((await egress.send(REQUEST)).body)).toBe('here');
  });

  it('names a failure without the address', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const vendor = await startVendor(() => {});
    const refused = start([vendor.destination({ url: `http://127.0.0.1:${port}/v1` })]);
    await expect(refused.send(REQUEST)).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.not.stringContaining('127.0.0.1'),
    });
    const cut = await startVendor((_request, response) => sendPieces(response, ['data'], 'cut'));
    const response = await start([cut.destination()]).send(REQUEST);
    await expect(read(response.body)).rejects.toMatchObject({ code: 'upstream_failed' });
  });

  it('holds the sender back while nobody reads, and loses nothing', async () => {
    const size = 32 * 1024 * 1024;
    let finished = false;
    const vendor = await startVendor((_request, response) => {
      response.once('finish', () => {
        finished = true;
      });
      response.end(Buffer.alloc(size, 0x61));
    });
    const limits = { betweenBytesSeconds: 0.2 };
    const response = await start([vendor.destination(limits)]).send(REQUEST);
    // Longer than the limit of silence: a pause of the reader is not the vendor's.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(finished).toBe(false);
    expect((await read(response.body)).length).toBe(size);
  });

  it('refuses header values that would break the request', async () => {
    const vendor = await startVendor((_request, response) => sendAnswer(response, 200, '{}'));
    const headers = { authorization: 'Bearer a\r\nx: y' };
    await expect(start([vendor.destination()]).send({ ...REQUEST, headers })).rejects.toMatchObject(
      { code: 'upstream_failed' },
    );
    expect(vendor.requests).toEqual([]);
  });
});

describe('downloads', () => {
  const options = { destination: 'registry:hf', signal: new AbortController().signal };

  it('takes ranges and follows redirects', async () => {
    const vendor = await startVendor((request, response) => {
      if (request.path === '/file') sendAnswer(response, 206, 'rest', { etag: 'e' });
      else sendAnswer(response, 302, 'moved', { location: '/file' });
    });
    const got = await start([]).download(`${vendor.url}/start`, { ...options, rangeStart: 5 });
    expect([got.status, got.headers['etag'], await read(got.body)]).toEqual([206, 'e', 'rest']);
    expect(vendor.requests.map((request) => request.headers.range)).toEqual([
      'bytes=5-',
      'bytes=5-',
    ]);
  });

  it('stops a circle', async () => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 302, '', { location: '/again' }),
    );
    const got = start([]).download(`${vendor.url}/`, options);
    await expect(got).rejects.toMatchObject({ code: 'source_failed' });
    expect(vendor.requests).toHaveLength(6);
  });

  it.each([
    'http://192.0.2.1/file',
    'ftp://127.0.0.1/file',
    'file:///etc/passwd',
    'https://user:word@127.0.0.1/file',
    'no address',
  ])('refuses %s, named or as a redirect', async (location) => {
    const egress = start([]);
    await expect(egress.download(location, options)).rejects.toMatchObject({
      code: 'source_failed',
    });
    if (location === 'no address') return;
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 302, '', { location }),
    );
    await expect(egress.download(vendor.url, options)).rejects.toMatchObject({
      code: 'source_failed',
    });
  });

  it('is never led from outside to this machine', () => {
    const outside = new URL('https://files.example/a');
    const local = 'http://127.0.0.1:4117/cadre/v1/stop';
    expect(() => checkedUrl(local, outside, 'registry:hf')).toThrow(/not https/);
    expect(checkedUrl(local, undefined, 'registry:hf').href).toBe(local);
    expect(checkedUrl('/b', outside, 'registry:hf').href).toBe('https://files.example/b');
  });

  it('opens nothing offline', async () => {
    const vendor = await startVendor((_request, response) => sendAnswer(response, 200, ''));
    await expect(start([], true).download(vendor.url, options)).rejects.toMatchObject({
      code: 'egress_refused',
    });
    expect(vendor.requests).toEqual([]);
  });
});
