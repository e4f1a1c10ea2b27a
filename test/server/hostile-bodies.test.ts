import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { HostileTarget, MEGABYTE } from './hostile-process.ts';
import { type Answer, chat, errorOf, send } from './running-server.ts';

const HI = '{"role":"user","content":"hi"}';

function body(fields: string): string {
  return `{"model":"auto","messages":[${HI}]${fields}}`;
}

function manyKeys(count: number): string {
  return Array.from({ length: count }, (_, at) => `"k${at}":1`).join();
}

const BODIES: readonly (readonly [string, string | Buffer, string])[] = [
  ['a security-relevant key twice', body(',"model":"hub"'), 'invalid_request'],
  [
    'a label twice, once escaped',
    body(',"cadre":{"label":"secret","l\\u0061bel":"public"}'),
    'invalid_request',
  ],
  [
    'a text twice in a part of a message',
    '{"model":"auto","messages":[{"role":"user","content":[{"type":"text","text":"a","t\\u0065xt":"b"}]}]}',
    'invalid_request',
  ],
  ['a key twice at depth 7', body(',"x":[[[[[{"a":1,"b":2,"a":1}]]]]]'), 'invalid_request'],
  ['a key twice, far apart', body(`,"metadata":{${manyKeys(200)},"k199":0}`), 'invalid_request'],
  [
    'a depth of 100,000',
    body(`,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    'invalid_request',
  ],
  ['an open depth of 100,000', `{"model":${'{"a":'.repeat(100_000)}`, 'invalid_request'],
  [
    '300,000 messages',
    `{"model":"auto","messages":[${Array(300_000).fill(HI).join()}]}`,
    'invalid_request',
  ],
  ['a million empty lists', body(`,"x":[${'[],'.repeat(1e6)}[]]`), 'invalid_request'],
  ['100,000 keys', `{${manyKeys(100_000)}}`, 'invalid_request'],
  ['half a surrogate pair', body(',"user":"\\ud800"'), 'invalid_json'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_json'],
  [
    'an overlong slash',
    Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    'invalid_json',
  ],
  [
    'a byte order mark',
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body(''))]),
    'invalid_json',
  ],
  ['a NUL', body(',"user":"a\0b"'), 'invalid_json'],
  ['an escaped NUL', body(',"user":"a\\u0000b"'), 'invalid_json'],
  ['a negative most of tokens', body(',"max_tokens":-1'), 'invalid_request'],
  ['no number', body(',"max_tokens":NaN'), 'invalid_json'],
  ['infinitely many tokens', body(',"max_tokens":1e999'), 'invalid_request'],
  ['a hundred million choices', body(',"n":100000000'), 'invalid_request'],
  ['an infinite temperature', body(',"temperature":1e999'), 'invalid_request'],
  ['a number of a million digits', body(`,"seed":${'9'.repeat(1e6)}`), 'invalid_request'],
  ['a string as number', body(',"max_tokens":"12"'), 'invalid_request'],
  ['a name that is a prototype', '{"model":"__proto__","messages":[]}', 'invalid_request'],
];

describe('a hostile body', () => {
  it('is refused with what is wrong, in bounded memory, and others are served', async () => {
    const target = await HostileTarget.start();
    expect(await target.serves()).toBe(true);
    const before = target.memory();
    for (const [what, text, code] of BODIES)
      for (let round = 0; round < 3; round += 1) {
        const answer = await send(target.port, { path: '/v1/chat/completions', body: text });
        expect([what, answer.status, errorOf(answer).code]).toEqual([what, 400, code]);
      }
    expect(await target.serves()).toBe(true);
    // The largest of them has 10 MB; what is kept of any is nothing.
    if (before !== undefined) expect((target.memory() ?? 0) - before).toBeLessThan(150 * MEGABYTE);
  });

  it('of 100 MB is refused before it is read, or as soon as it is too large', async () => {
    const target = await HostileTarget.start();
    expect(await target.serves()).toBe(true);
    const before = target.memory();
    const declared = await pour(target.port, { 'content-length': String(100 * MEGABYTE) });
    expect([declared.status, errorOf(declared).code]).toEqual([413, 'body_too_large']);
    const chunked = await pour(target.port, { 'transfer-encoding': 'chunked' });
    expect([chunked.status, errorOf(chunked).code]).toEqual([413, 'body_too_large']);
    expect(await target.serves()).toBe(true);
    if (before !== undefined)
      expect((target.peakMemory() ?? 0) - before).toBeLessThan(100 * MEGABYTE);
  });

  it('sent by many at once is held within a bound, and the next one is served', async () => {
    const target = await HostileTarget.start({ limits: { bodyBytes: 1_000_000 } });
    expect(await target.serves()).toBe(true);
    const before = target.memory();
    const text = `{"model":"auto","messages":[],"x":"${'y'.repeat(990_000)}"}`;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => chat(target.port, text).catch(() => undefined)),
    );
    for (const answer of answers)
      if (answer !== undefined) expect([400, 503]).toContain(answer.status);
    expect(await target.serves()).toBe(true);
    if (before !== undefined)
      expect((target.peakMemory() ?? 0) - before).toBeLessThan(200 * MEGABYTE);
  });
});

/** Sends 100 MB as fast as they are taken, until there is an answer. */
function pour(port: number, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let left = 100 * MEGABYTE;
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/chat/completions',
        agent: false,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (incoming) => {
        left = 0;
        let text = '';
        incoming.on('data', (part) => {
          text += part;
        });
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        );
      },
    );
    // The server closes after its answer, whatever is still on its way.
    outgoing.on('error', (error) => (left === 0 ? undefined : reject(error)));
    const more = () => {
      while (left > 0 && !outgoing.destroyed) {
        left -= piece.length;
        if (!outgoing.write(piece)) {
          outgoing.once('drain', more);
          return;
        }
      }
    };
    more();
  });
}
