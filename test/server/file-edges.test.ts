import { expect, it } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';
import { fileParts, upload, uploaded } from './upload.ts';

async function start(config: object = {}) {
  const farm = createScriptedFarm(config);
  const { port } = await startServer(farm);
  return { farm, port };
}

it('looks up no id that it cannot have given out', async () => {
  const { farm, port } = await start();
  // What Postgres does with a NUL.
  const doGetObject = async () => {
    throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
  };
  Object.assign(farm.objects, { doGetObject });
  for (const path of ['/v1/files/a%00b', '/v1/files/a%00b/content', '/v1/batches/a%00b'])
    expect([path, (await send(port, { path })).status]).toEqual([path, 404]);
  expect((await send(port, { path: '/v1/files?after=a%00b' })).status).toBe(400);
});

it('cuts a long name between characters', async () => {
  const { port } = await start();
  const filename = `${'a'.repeat(254)}😀`;
  const [purpose, file] = fileParts('text');
  if (purpose === undefined || file === undefined) throw new Error('no parts');
  const answer = await upload(port, [purpose, { ...file, filename }]);
  const { id, filename: kept } = JSON.parse(answer.text);
  expect(kept).toBe('a'.repeat(254));
  expect((await send(port, { path: `/v1/files/${id}/content` })).text).toBe('text');
});

it('breaks the connection when a file is deleted while it is read', async () => {
  const { farm, port } = await start();
  const id = await uploaded(port, Buffer.alloc(600_000));
  const { doReadParts } = farm.objects;
  Object.assign(farm.objects, {
    async *doReadParts(...wanted: Parameters<typeof doReadParts>) {
      for await (const part of doReadParts(...wanted)) {
        yield part;
        return;
      }
    },
  });
  const response = await fetch(`http://127.0.0.1:${port}/v1/files/${id}/content`);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

it('is refused where the farm keeps no files', async () => {
  const { port } = await start({ record: { files: false } });
  const answer = await upload(port, fileParts('text'));
  expect([answer.status, errorOf(answer).code]).toEqual([403, 'forbidden']);
  expect(errorOf(answer).message).toContain('record.files');
});
