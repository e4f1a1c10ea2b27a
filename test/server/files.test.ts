import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chat, errorOf, HELLO, openSocket, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';
import { fileParts, formOf, upload, uploaded } from './upload.ts';

async function start(config: object = {}) {
  const farm = createScriptedFarm(config);
  const { port } = await startServer(farm);
  return { farm, port };
}

const json = async (port: number, path: string, method = 'GET') => {
  const answer = await send(port, { path, method });
  return { status: answer.status, body: JSON.parse(answer.text) };
};

describe('/v1/files', () => {
  it('keeps a file and gives back the very bytes', async () => {
    const { port } = await start();
    const content = Buffer.concat([Buffer.from('\r\n--cadre-test'), randomBytes(700_000)]);
    const answer = await upload(port, fileParts(content));
    expect(answer.status).toBe(200);
    const file = JSON.parse(answer.text);
    expect(file).toMatchObject({
      object: 'file',
      bytes: content.length,
      filename: 'notes.txt',
      purpose: 'user_data',
      status: 'processed',
      expires_at: null,
    });
    expect(file.id).toMatch(/^file-[a-z2-7]{24}$/);
    const response = await fetch(`http://127.0.0.1:${port}/v1/files/${file.id}/content`);
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(response.headers.get('content-disposition')).toContain('notes.txt');
    expect((await json(port, `/v1/files/${file.id}`)).body).toEqual(file);
  });

  it('takes the file before its purpose, and the time it may stay', async () => {
    const { port } = await start();
    const answer = await upload(port, [
      { name: 'file', filename: 'C:\\fakepath\\a"b\u0007.jsonl', content: '{}' },
      { name: 'expires_after[anchor]', content: 'created_at' },
      { name: 'expires_after[seconds]', content: '3600' },
      { name: 'purpose', content: 'batch' },
    ]);
    const file = JSON.parse(answer.text);
    expect(file.expires_at - file.created_at).toBe(3600);
    expect(file.purpose).toBe('batch');
  });

  it('lists newest first, by purpose, page by page, in both orders', async () => {
    const { port } = await start();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push(await uploaded(port, `file ${index}`));
    await uploaded(port, '{}', 'batch');
    const pages = async (query: string) => {
      const seen: string[] = [];
      for (let after = ''; ; after = `&after=${seen.at(-1)}`) {
        const { body } = await json(port, `/v1/files?limit=2&purpose=user_data${query}${after}`);
        seen.push(...body.data.map((file: { id: string }) => file.id));
        expect(body.last_id).toBe(seen.at(-1));
        if (!body.has_more) return seen;
      }
    };
    const newest = await pages('');
    expect(new Set(newest)).toEqual(new Set(ids));
    expect(await pages('&order=asc')).toEqual(newest.toReversed());
    expect((await json(port, '/v1/files')).body.data).toHaveLength(6);
    expect((await json(port, '/v1/files?purpose=vision')).body).toMatchObject({
      data: [],
      first_id: null,
      has_more: false,
    });
  });

  it('deletes a file with its content', async () => {
    const { farm, port } = await start();
    const id = await uploaded(port, 'gone soon');
    expect((await json(port, `/v1/files/${id}`, 'DELETE')).body).toEqual({
      id,
      object: 'file',
      deleted: true,
    });
    for (const path of [`/v1/files/${id}`, `/v1/files/${id}/content`])
      expect((await json(port, path)).body.error.code).toBe('object_not_found');
    expect((await json(port, `/v1/files/${id}`, 'DELETE')).status).toBe(404);
    expect(await farm.objects.doListPlaces('file', id)).toEqual([]);
  });

  it('shows no key the files of another, an operator’s neither', async () => {
    const { farm, port } = await start();
    farm.keys.set('sk-a', CALLER);
    farm.keys.set('sk-b', { ...CALLER, key: 'b', principals: ['public', 'operator'] });
    const mine = { authorization: 'Bearer sk-a' };
    const theirs = { authorization: 'Bearer sk-b' };
    const id = await uploaded(port, 'mine', 'user_data', mine);
    for (const [method, path] of [
      ['GET', `/v1/files/${id}`],
      ['GET', `/v1/files/${id}/content`],
      ['DELETE', `/v1/files/${id}`],
    ] as const) {
      const answer = await send(port, { path, method, headers: theirs });
      expect([path, answer.status, errorOf(answer).code]).toEqual([path, 404, 'object_not_found']);
    }
    const list = await send(port, { path: '/v1/files', headers: theirs });
    expect(JSON.parse(list.text).data).toEqual([]);
    const after = await send(port, { path: `/v1/files?after=${id}`, headers: theirs });
    expect(errorOf(after).param).toBe('after');
    const own = await send(port, { path: `/v1/files/${id}/content`, headers: mine });
    expect(own.text).toBe('mine');
    expect((await send(port, { path: '/v1/files' })).status).toBe(401);
  });

  it.each(['limit=0', 'limit=x', 'limit=10001', 'order=up', 'after=file-none'])(
    'refuses the query %s',
    async (query) => {
      const { port } = await start();
      const { status, body } = await json(port, `/v1/files?${query}`);
      expect([status, body.error.param]).toEqual([400, query.split('=')[0]]);
    },
  );
});

describe('an upload', () => {
  const file = { name: 'file', filename: 'a', content: 'text' };
  const purpose = { name: 'purpose', content: 'user_data' };
  const expiry = (anchor: string, seconds: string) => [
    file,
    purpose,
    { name: 'expires_after[anchor]', content: anchor },
    { name: 'expires_after[seconds]', content: seconds },
  ];

  it.each([
    ['an unknown purpose', [file, { ...purpose, content: 'fun' }], 'purpose'],
    ['a purpose that only the farm uses', fileParts('x', 'batch_output'), 'purpose'],
    ['no purpose', [file], 'purpose'],
    ['no file', [purpose], 'file'],
    ['an empty file', fileParts(''), 'file'],
    ['two files', [file, file, purpose], 'file'],
    ['a long field', [file, { ...purpose, content: 'x'.repeat(5000) }], 'purpose'],
    ['a life of a minute', expiry('created_at', '60'), 'expires_after[seconds]'],
    ['a life of no number', expiry('created_at', 'x'), 'expires_after[seconds]'],
    ['a strange anchor', expiry('now', '3600'), 'expires_after[anchor]'],
  ])('is refused for %s, and nothing of it stays', async (_what, parts, param) => {
    const { farm, port } = await start();
    const dropped: string[] = [];
    const { doDropParts } = farm.objects;
    Object.assign(farm.objects, {
      doDropParts: (kind: 'file', id: string) => {
        dropped.push(id);
        return doDropParts(kind, id);
      },
    });
    const answer = await upload(port, parts);
    expect([answer.status, errorOf(answer).param]).toEqual([400, param]);
    expect((await json(port, '/v1/files')).body.data).toEqual([]);
    for (const id of dropped) expect(await farm.objects.doListPlaces('file', id)).toEqual([]);
    expect(dropped).toHaveLength(1);
  });

  it('is refused when it is too large, declared or not', async () => {
    const { port } = await start({ limits: { fileBytes: 100_000 } });
    const headers = { 'transfer-encoding': 'chunked' };
    for (const [size, more] of [
      [200_000, {}],
      [200_000, headers],
      [100_001, {}],
    ] as const) {
      const answer = await upload(port, fileParts(Buffer.alloc(size)), more);
      expect([answer.status, errorOf(answer).code]).toEqual([413, 'file_too_large']);
    }
    expect((await upload(port, fileParts(Buffer.alloc(100_000)))).status).toBe(200);
  });

  it('is refused when the files of its key would take too much together', async () => {
    const { port } = await start({ limits: { storedBytesPerKey: 100_000 } });
    const first = await uploaded(port, Buffer.alloc(60_000));
    const refused = await upload(port, fileParts(Buffer.alloc(60_000)));
    expect([refused.status, errorOf(refused).code]).toEqual([413, 'storage_full']);
    await send(port, { path: `/v1/files/${first}`, method: 'DELETE' });
    expect((await upload(port, fileParts(Buffer.alloc(60_000)))).status).toBe(200);
  });

  it('may be larger than a JSON body', async () => {
    const { port } = await start({ limits: { bodyBytes: 1000 } });
    expect((await upload(port, fileParts(Buffer.alloc(50_000)))).status).toBe(200);
  });

  it('is refused as JSON and as a broken form', async () => {
    const { port } = await start();
    const asJson = await send(port, { path: '/v1/files', body: '{}' });
    expect([asJson.status, errorOf(asJson).code]).toEqual([415, 'unsupported_media_type']);
    const { body, type } = formOf(fileParts('text'));
    const cutForm = await send(port, {
      path: '/v1/files',
      body: body.subarray(0, -10),
      headers: { 'content-type': type },
    });
    expect([cutForm.status, errorOf(cutForm).code]).toEqual([400, 'invalid_request']);
  });

  it('leaves nothing when its sender goes away', async () => {
    const { farm, port } = await start();
    const stored: string[] = [];
    const dropped = Promise.withResolvers<string>();
    const { doPutPart, doDropParts } = farm.objects;
    Object.assign(farm.objects, {
      doPutPart: async (...part: Parameters<typeof doPutPart>) => {
        await doPutPart(...part);
        stored.push(part[1]);
        socket.destroy();
      },
      doDropParts: async (kind: 'file', id: string) => {
        await doDropParts(kind, id);
        dropped.resolve(id);
      },
    });
    const { body, type } = formOf(fileParts(Buffer.alloc(600_000)));
    const socket = await openSocket(port);
    socket.on('error', () => {});
    socket.write(
      `POST /v1/files HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: ${type}\r\n` +
        `content-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, 400_000));
    const id = await dropped.promise;
    expect(stored).toContain(id);
    expect(await farm.objects.doListPlaces('file', id)).toEqual([]);
    expect((await json(port, '/v1/files')).body.data).toEqual([]);
    expect((await chat(port, HELLO)).status).toBe(200);
  });

  it('is asked to go on when it is not too large', async () => {
    const { port } = await start({ limits: { bodyBytes: 1000 } });
    const { body, type } = formOf(fileParts(Buffer.alloc(5000)));
    const socket = await openSocket(port);
    const answers: string[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('data', (bytes) => {
        answers.push(bytes.toString());
        if (answers.length === 1) socket.write(body);
        else resolve();
      });
    });
    socket.write(
      `POST /v1/files HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: ${type}\r\n` +
        `content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`,
    );
    await done;
    expect(answers[0]).toMatch(/^HTTP\/1\.1 100 /);
    expect(answers[1]).toMatch(/^HTTP\/1\.1 200 /);
  });
});
