import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { JsonObject } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type {
  ScriptedVendor,
  VendorRecord,
  VendorRequest,
  VendorScript,
  VendorStep,
} from '../../core/gateway.ts';
import type { Clock } from '../../core/ports.ts';

/** Bodies that a gateway may forward; a larger one is refused as vendors do. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Serves a script on 127.0.0.1 and remembers what it saw. Rejects with `port_in_use`. */
export async function startScriptedVendor(options: {
  readonly port: number;
  readonly script: VendorScript;
  readonly clock: Clock;
}): Promise<ScriptedVendor & { readonly port: number }> {
  const { clock, script } = options;
  const records: VendorRecord[] = [];
  const counts = new Map<string, number>();
  const server = createServer(async (incoming, response) => {
    const request = await receive(incoming);
    if (request === undefined) {
      response.writeHead(413).end();
      return;
    }
    const json = parse(request.body);
    const model = typeof json['model'] === 'string' ? json['model'] : '';
    const count = counts.get(model) ?? 0;
    counts.set(model, count + 1);
    const record = { request, model, receivedAt: clock.elapsed(), chunks: 0, deserted: false };
    records.push(record);
    await play(script({ ...request, json }, count), response, record, clock);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new CadreError('port_in_use', `the scripted vendor cannot listen on ${options.port}`, {
          cause: error,
        }),
      ),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    records: () => records,
    async doClose() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function receive(incoming: IncomingMessage): Promise<VendorRequest | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      size += part.length;
      if (size <= MAX_BODY_BYTES) parts.push(part);
    }
  } catch {
    // The sender left within the body: there is nobody to answer.
    return undefined;
  }
  if (size > MAX_BODY_BYTES) return undefined;
  const { method = '', url = '' } = incoming;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  return { method, path: url, headers, body: Buffer.concat(parts).toString('utf8') };
}

function parse(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : {};
  } catch {
    return {};
  }
}

/** Does one step after another until the end or until the reader leaves. */
async function play(
  steps: Iterable<VendorStep>,
  response: ServerResponse,
  record: Writable<VendorRecord>,
  clock: Clock,
): Promise<void> {
  let isOpen = true;
  let gone: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    gone = resolve;
  });
  response.once('close', () => {
    record.closedAt = clock.elapsed();
    record.deserted = isOpen;
    gone();
  });
  for (const step of steps) {
    if (response.destroyed) return;
    if (step.do === 'head') response.writeHead(step.status, step.headers);
    else if (step.do === 'wait') await Promise.race([left, sleep(step.ms)]);
    else if (step.do === 'write' || step.do === 'chunk') {
      record.firstWriteAt ??= clock.elapsed();
      if (step.do === 'chunk') record.chunks += 1;
      if (!response.write(step.bytes)) await Promise.race([left, drained(response)]);
    } else {
      if (step.do !== 'hang') isOpen = false;
      if (step.do === 'end') response.end();
      if (step.do === 'cut') response.destroy();
      return;
    }
  }
  isOpen = false;
  response.end();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', () => resolve()));
}
