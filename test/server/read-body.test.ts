import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { BodyReader } from '../../src/server/read-body.ts';

it('does not wait forever for the rest of a JSON body', async () => {
  const incoming = new PassThrough();
  const headers = { 'content-type': 'application/json', 'content-length': '100' };
  const read = new BodyReader(() => ({ bodyBytes: 1000, bodySeconds: 0.01 })).read(
    Object.assign(incoming, { headers }) as unknown as IncomingMessage,
  );
  incoming.write('{"model":');
  await expect(read).rejects.toMatchObject({ code: 'request_timeout', status: 408 });
});
