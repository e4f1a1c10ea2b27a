import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDownload } from '../../src/adapters/egress/download.ts';
import { createHubSource } from '../../src/adapters/models/sources/http-source.ts';
import type { ModelFile } from '../../src/core/catalogue.ts';
import { calm, ModelHome } from '../fixtures/model-home.ts';

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const FILE: ModelFile = {
  name: 'model.bin',
  bytes: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
  sources: ['hf:owner/repo@rev/dir/model.bin'],
};
const LIMITS = { responseMs: 2000, stallMs: 2000, cutCount: 3 };

let at: ModelHome;
let target: string;
let agent: Agent;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: { url: string; range: string | undefined }[];
let server: ReturnType<typeof createServer>;
let endpoint: string;

beforeEach(async () => {
  at = new ModelHome();
  target = at.partial;
  await mkdir(dirname(target), { recursive: true });
  agent = new Agent();
  requests = [];
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', range: request.headers.range });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await agent.close();
  at.remove();
});

function startOf(request: IncomingMessage): number {
  return Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function serveFrom(request: IncomingMessage, response: ServerResponse): void {
  const start = startOf(request);
  response.writeHead(start > 0 ? 206 : 200).end(BYTES.subarray(start));
}

async function fetch(signal = calm(), limits = LIMITS) {
  const download = createDownload({ dispatcher: agent, offline: false });
  const source = createHubSource(download, `${endpoint}/`, limits);
  const told: number[] = [];
  await source.doFetch('hf:owner/repo@rev/dir/model.bin', FILE, target, {
    signal,
    onBytes: (bytes) => told.push(bytes),
  });
  return told;
}

describe('a hub', () => {
  it('is asked at its address, and growth is told', async () => {
    answer = serveFrom;
    const told = await fetch();
    expect(requests).toEqual([{ url: '/owner/repo/resolve/rev/dir/model.bin', range: undefined }]);
    expect(readFileSync(target)).toEqual(BYTES);
    expect(told.at(-1)).toBe(BYTES.length);
  });

  it('goes on where an earlier run was cut', async () => {
    answer = serveFrom;
    at.put(`models/partial/${at.file.sha256}`, BYTES.subarray(0, 40_000));
    await fetch();
    expect(requests.map((one) => one.range)).toEqual(['bytes=40000-']);
    expect(readFileSync(target)).toEqual(BYTES);
  });

  it('that cuts the connection is asked for the rest', async () => {
    answer = (request, response) => {
      if (requests.length > 2) return serveFrom(request, response);
      const start = startOf(request);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': BYTES.length - start });
      response.write(BYTES.subarray(start, start + 35_000), () => response.destroy());
    };
    await fetch();
    expect(readFileSync(target)).toEqual(BYTES);
    expect(requests).toHaveLength(3);
  });

  it('that answers and cuts every time is given up', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write('x', () => response.destroy());
    };
    await expect(fetch()).rejects.toMatchObject({ code: 'source_failed' });
    expect(requests).toHaveLength(1 + LIMITS.cutCount);
  });

  it('that never answers is left after one try', async () => {
    answer = (_request, response) => response.destroy();
    await expect(fetch()).rejects.toMatchObject({ code: 'source_failed' });
    expect(requests).toHaveLength(1);
  });

  it('that ignores the range starts the file over', async () => {
    answer = (_request, response) => response.writeHead(200).end(BYTES);
    at.put(`models/partial/${at.file.sha256}`, Buffer.alloc(500, 'x'));
    await fetch();
    expect(readFileSync(target)).toEqual(BYTES);
  });

  it('that sends without end is stopped at the pinned size', async () => {
    answer = (_request, response) => response.writeHead(200).end(Buffer.alloc(300_000));
    await expect(fetch()).rejects.toThrow('longer than 100000 bytes');
    expect(statSync(target).size).toBeLessThanOrEqual(BYTES.length);
  });

  it('that does not have the file, or does not answer, is told by name', async () => {
    answer = (_request, response) => response.writeHead(404).end('no');
    await expect(fetch()).rejects.toThrow('answered 404');
    answer = () => undefined;
    await expect(fetch(calm(), { ...LIMITS, responseMs: 50 })).rejects.toThrow(
      'not reachable (no answer for 0.05 s)',
    );
    expect(existsSync(target)).toBe(false);
  });

  it('that stalls is left, and what came stays', async () => {
    answer = (_request, response) => {
      response.writeHead(200).write(BYTES.subarray(0, 1000));
    };
    await expect(fetch(calm(), { ...LIMITS, stallMs: 50 })).rejects.toThrow('no bytes for');
    expect(statSync(target).size).toBe(1000);
  });

  it('is left at once on an abort', async () => {
    const abort = new AbortController();
    answer = () => abort.abort(new Error('enough'));
    await expect(fetch(abort.signal)).rejects.toThrow('enough');
  });
});
