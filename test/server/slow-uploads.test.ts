import { expect, it, onTestFinished, vi } from 'vitest';
import { chat, errorOf, HELLO, openSocket, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';
import { fileParts, formOf, upload } from './upload.ts';

/** Begins an upload and sends no more than its beginning. */
async function beginUpload(port: number, headers: Readonly<Record<string, string>> = {}) {
  const { body, type } = formOf(fileParts('text'));
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = await openSocket(port);
  socket.write(
    `POST /v1/files HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: ${type}\r\n${more.join('')}` +
      `content-length: ${body.length}\r\n\r\n${body.toString('latin1').slice(0, 20)}`,
  );
  return socket;
}

it('takes no place from those who ask', async () => {
  const limits = { concurrentRequests: 1, concurrentUploads: 2 };
  const { port } = await startServer(createScriptedFarm({ limits }));
  const slow = await beginUpload(port);
  await vi.waitFor(async () => {
    const refused = await upload(port, fileParts('text'));
    expect([refused.status, errorOf(refused).code]).toEqual([429, 'rate_limit_exceeded']);
  });
  expect((await chat(port, HELLO)).status).toBe(200);
  slow.destroy();
  await vi.waitFor(async () => expect((await upload(port, fileParts('text'))).status).toBe(200));
});

it('leaves places to the uploads of other keys', async () => {
  const farm = createScriptedFarm({ limits: { concurrentUploads: 2 } });
  farm.keys.set('sk-a', CALLER);
  farm.keys.set('sk-b', { ...CALLER, key: 'b' });
  const { port } = await startServer(farm);
  const mine = { authorization: 'Bearer sk-a' };
  await beginUpload(port, mine);
  await vi.waitFor(async () =>
    expect((await upload(port, fileParts('text'), mine)).status).toBe(429),
  );
  const theirs = { authorization: 'Bearer sk-b' };
  expect((await upload(port, fileParts('text'), theirs)).status).toBe(200);
});

it('is dropped when hardly anything comes for a minute', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port } = await startServer(createScriptedFarm({ limits: { concurrentUploads: 1 } }));
  const socket = await beginUpload(port);
  await vi.waitFor(async () => expect((await upload(port, fileParts('text'))).status).toBe(503));
  let isClosed = false;
  socket.resume().once('close', () => {
    isClosed = true;
  });
  // The watch may begin a turn after the place is taken.
  await vi.waitFor(() => {
    vi.advanceTimersByTime(60_000);
    expect(isClosed).toBe(true);
  });
  await vi.waitFor(async () => expect((await upload(port, fileParts('text'))).status).toBe(200));
});
