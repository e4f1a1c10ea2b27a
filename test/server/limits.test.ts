import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { parseJsonBody } from '../../src/server/json-body.ts';
import { chat, errorOf, HELLO, openSocket, send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const LIMITS = { jsonDepth: 64, messages: 2000 };
const PATH = '/v1/chat/completions';

describe('bodies over the wire', () => {
  it('refuses 10 MB and one byte, declared or not, so that the sender can read why', async () => {
    const farm = createScriptedFarm();
    const { port } = await startServer(farm);
    const body = Buffer.alloc(10_000_001, 0x20);
    const declared = await send(port, { path: PATH, body });
    expect([declared.status, errorOf(declared).code]).toEqual([413, 'body_too_large']);
    const headers = { 'transfer-encoding': 'chunked' };
    const streamed = await send(port, { path: PATH, body, headers });
    expect([streamed.status, errorOf(streamed).code]).toEqual([413, 'body_too_large']);
    expect(farm.calls).toEqual([]);
  });

  it('refuses before the body when asked first', async () => {
    const { port } = await startServer(createScriptedFarm());
    const socket = await openSocket(port);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
        'content-length: 10000001\r\nexpect: 100-continue\r\n\r\n',
    );
    const first = await new Promise<string>((resolve) => {
      socket.once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(first).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('takes a body of many pieces', async () => {
    const farm = createScriptedFarm();
    const { port } = await startServer(farm);
    const content = 'é'.repeat(400_000);
    const answered = await chat(port, { ...HELLO, messages: [{ role: 'user', content }] });
    expect(answered.status).toBe(200);
    expect(farm.calls[0]?.request.messages[0]?.content).toEqual([{ type: 'text', text: content }]);
  });

  it.each([
    ['text/plain', 415],
    ['application/json; charset=latin1', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON', 200],
  ])('answers content-type %s with %i', async (type, status) => {
    const { port } = await startServer(createScriptedFarm());
    const answered = await chat(port, HELLO, { 'content-type': type });
    expect(answered.status).toBe(status);
  });

  it('refuses packed bodies', async () => {
    const { port } = await startServer(createScriptedFarm());
    const answered = await chat(port, HELLO, { 'content-encoding': 'gzip' });
    expect(errorOf(answered)).toMatchObject({ param: 'content-encoding' });
  });

  it('answers what is not HTTP in the same shape', async () => {
    const { port } = await startServer(createScriptedFarm());
    const socket = await openSocket(port);
    socket.write('NONSENSE\r\n\r\n');
    const text = await new Promise<string>((resolve) => {
      socket.once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '').error.code).toBe('invalid_request');
  });

  it('knows its paths and methods', async () => {
    const { port } = await startServer(createScriptedFarm());
    const wrong = await send(port, { path: PATH });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    const options = await send(port, { path: PATH, method: 'OPTIONS' });
    expect([options.status, options.headers.allow]).toEqual([204, 'POST, OPTIONS']);
    expect(Object.keys(options.headers).join()).not.toContain('access-control');
    const head = await send(port, { path: '/v1/models', method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    const missing = await send(port, { path: '/v1/nothing' });
    expect([missing.status, errorOf(missing).code]).toEqual([404, 'not_found']);
    expect((await send(port, { path: '/v1/models/%' })).status).toBe(400);
  });
});

function refusal(text: string | Buffer): { code: string; param: string | undefined } {
  try {
    parseJsonBody(Buffer.from(text), LIMITS);
  } catch (error) {
    if (error instanceof CadreError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

describe('JSON before it is believed', () => {
  it('refuses nesting of 100,000 levels without a deep stack', () => {
    expect(refusal(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).code).toBe(
      'invalid_request',
    );
    expect(refusal('['.repeat(100_000)).code).toBe('invalid_request');
    expect(refusal(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`).code).toBe('accepted');
    expect(refusal(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)).toEqual({
      code: 'invalid_request',
      param: 'a',
    });
  });

  it.each([
    ['{"model":"a","model":"b"}', 'model'],
    ['{"model":"a","x":{"model":1},"mod\\u0065l":"b"}', 'model'],
    ['{"messages":[],"n":1,"messages":[]}', 'messages'],
    ['{"cadre":{"label":"secret","label":"public"}}', 'label'],
    ['{"messages":[{"role":"user","role":"system"}]}', 'role'],
    ['{"a":"}\\"","b":"\\\\","a":1}', 'a'],
  ])('refuses the repeated key in %s', (text, param) => {
    expect(refusal(text)).toEqual({ code: 'invalid_request', param });
  });

  it('finds the end of long strings with quotes in them', () => {
    const long = `${'x'.repeat(100)}" , "b": ${'['.repeat(100)} \\`;
    expect(refusal(JSON.stringify({ a: long, b: long, c: '\\' })).code).toBe('accepted');
  });

  it('lets equal keys of different objects pass', () => {
    const text = '{"messages":[{"role":"user"},{"role":"user"}],"x":{"role":"messages","a":"a"}}';
    expect(refusal(text).code).toBe('accepted');
  });

  it('counts messages before it builds them', () => {
    const messages = (count: number) => `{"messages":[${Array(count).fill('{}').join()}]}`;
    expect(refusal(messages(2000)).code).toBe('accepted');
    expect(refusal(messages(2001))).toEqual({ code: 'invalid_request', param: 'messages' });
    expect(refusal(`{"x":[${Array(260_000).fill('1').join()}]}`).param).toBe('x');
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['half of a surrogate pair', '{"a":["\\ud800"]}'],
    ['half of a pair in a key', '{"a":{"\\uDC00":1}}'],
    ['nothing', ''],
    ['a list', '[]'],
    ['a number', '1'],
    ['an open object', '{"a":1'],
    ['two objects', '{}{}'],
  ])('refuses %s', (_what, text) => {
    expect(refusal(text).code).toBe('invalid_json');
  });

  it('quotes nothing of the body', () => {
    expect(() => parseJsonBody(Buffer.from('{"password": hunter2}'), LIMITS)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('reads every object as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 20 })), (value) => {
        for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
          expect(parseJsonBody(Buffer.from(text), LIMITS)).toEqual(JSON.parse(text));
      }),
    );
  });
});
