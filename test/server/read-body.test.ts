import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { BodyReader } from '../../src/server/read-body.ts';

function sender(headers: Readonly<Record<string, string>> = {}) {
  const incoming = new PassThrough();
  const all = { 'content-type': 'application/json', ...headers };
  Object.assign(incoming, { headers: all });
  return incoming as unknown as PassThrough & IncomingMessage;
}

const openResponse = () =>
  Object.assign(new EventEmitter(), { closed: false }) as unknown as ServerResponse;

it('does not wait forever for the rest of a JSON body', async () => {
  const incoming = sender({ 'content-length': '100' });
  const reader = new BodyReader(() => ({ bodyBytes: 1000, bodySeconds: 0.01 }));
  const read = reader.read(incoming, openResponse());
  incoming.write('{"model":');
  await expect(read).rejects.toMatchObject({ code: 'request_timeout', status: 408 });
});

it('bounds the bodies of all requests that are not answered yet', async () => {
  const reader = new BodyReader(() => ({ bodyBytes: 10, bodySeconds: 60 }));
  const read = (response: ServerResponse) => {
    const incoming = sender();
    incoming.end('{"a": 12}\n');
    return reader.read(incoming, response);
  };
  const responses = Array.from({ length: 16 }, openResponse);
  for (const response of responses) await read(response);
  await expect(read(openResponse())).rejects.toMatchObject({ code: 'overloaded' });
  responses[0]?.emit('close');
  const after = await read(Object.assign(openResponse(), { closed: true }));
  expect(after.toString()).toBe('{"a": 12}\n');
  await read(openResponse());
  await expect(read(openResponse())).rejects.toMatchObject({ code: 'overloaded' });
});
