import { afterEach, describe, expect, it } from 'vitest';
import { sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';
import { TestHome } from './farm-process.ts';

const homes: TestHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

async function farmOf(vendor: Vendor): Promise<string> {
  const home = new TestHome(
    JSON.stringify({
      fleet: { starter: false, offline: true },
      destinations: [
        { id: 'vendor', kind: 'openai', url: `${vendor.url}/v1`, clearance: 'secret' },
      ],
      spokes: [{ id: 'remote', model: 'vendor/theirs', maxTokens: 50 }],
    }),
  );
  homes.push(home);
  return (await home.up()).url;
}

const ask = (url: string, body: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
const piece = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({
    id: 'theirs-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'theirs',
    choices: [{ index: 0, delta, finish_reason: finish }],
    vendor_extra: 7,
  })}\n\n`;
const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
const TAIL = `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
const piecesOf = (text: string) =>
  text
    .split('\n\n')
    .filter((one) => one.startsWith('data: {'))
    .map((one) => JSON.parse(one.slice(6)) as Record<string, unknown>);

async function receiptOf(url: string, id: string | null) {
  const { receipt } = (await (await fetch(`${url}/cadre/v1/receipts/${id}`)).json()) as {
    receipt: { outcome: string; usage: object; attempts: { outcome: string }[] };
  };
  return receipt;
}

describe('an answer that passes as it comes', () => {
  it('carries unknown fields both ways, our id and the name that was asked for', async () => {
    const vendor = await startVendor((_request, response) => {
      const message = { role: 'assistant', content: 'Hé', vendor_note: [1] };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'theirs-1', model: 'theirs', choices, usage, odd: {} }));
    });
    const url = await farmOf(vendor);
    const answer = await ask(
      url,
      '{"model":"remote", "odd_field": {"a" : 1.50},"cadre":{},"messages":[{"role":"user","content":"hi"}]}',
    );
    const id = answer.headers.get('x-request-id');
    expect(await answer.json()).toEqual({
      id,
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'remote',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hé', vendor_note: [1] },
          finish_reason: 'stop',
        },
      ],
      usage,
      odd: {},
      cadre: { receipt: id, spoke: 'remote', citations: [] },
    });
    expect(answer.headers.get('x-cadre-spoke')).toBe('remote');
    expect(vendor.requests[0]?.body).toBe(
      '{"model":"theirs","max_tokens":50,"odd_field": {"a" : 1.50},"messages":[{"role":"user","content":"hi"}]}',
    );
    expect(await receiptOf(url, id)).toMatchObject({
      outcome: 'answered',
      usage: { promptTokens: 7, completionTokens: 2 },
    });
  });

  it('is only for bodies of which policy has read all', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [piece({ content: 'so' }), piece({}, 'stop'), TAIL]),
    );
    const url = await farmOf(vendor);
    const askAfter = async (answer: object) => {
      const messages = [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'Ann lives in Oslo.', ...answer },
        { role: 'user', content: 'where?' },
      ];
      const asked = await ask(url, JSON.stringify({ model: 'remote', stream: true, messages }));
      expect(await asked.text()).toContain('[DONE]');
      return vendor.requests.at(-1)?.body;
    };
    expect(await askAfter({ refusal: null, annotations: [] })).toContain('"annotations":[]');
    const dropped = await askAfter({ annotations: [{ quote: 'DE89 3704 0044 0532 0130 00' }] });
    expect(dropped).toContain('Ann lives in Oslo.');
    expect(dropped).not.toMatch(/annotations|DE89/);
    const part = '{"type":"text","text":"DE89 3704 0044 0532 0130 00","text":"hi"}';
    const twice = `{"model":"remote","messages":[{"role":"user","content":[${part}]}]}`;
    expect((await ask(url, twice)).status).toBe(400);
    expect(vendor.requests).toHaveLength(2);
  });

  it('streams the pieces and tells usage only to who asked', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [
        piece({ role: 'assistant', content: 'a' }),
        piece({ content: 'é' }),
        piece({}, 'stop') + TAIL,
      ]),
    );
    const url = await farmOf(vendor);
    const body = { model: 'remote', stream: true, messages: [{ role: 'user', content: 'hi' }] };
    const answer = await ask(url, JSON.stringify(body));
    const text = await answer.text();
    const pieces = piecesOf(text);
    const id = answer.headers.get('x-request-id');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(pieces).toHaveLength(3);
    for (const one of pieces) expect(one).toMatchObject({ id, model: 'remote', vendor_extra: 7 });
    expect(pieces[1]).toMatchObject({ choices: [{ delta: { content: 'é' } }] });
    expect(pieces[2]).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      cadre: { receipt: id, spoke: 'remote' },
    });
    expect(JSON.parse(vendor.requests[0]?.body ?? '')).toMatchObject({
      stream_options: { include_usage: true },
    });
    const counted = await ask(
      url,
      JSON.stringify({ ...body, stream_options: { include_usage: true } }),
    );
    expect(piecesOf(await counted.text()).at(-1)).toMatchObject({ choices: [], usage });
    expect(await receiptOf(url, id)).toMatchObject({ outcome: 'answered' });
  });

  it('ends in an error where the upstream cuts it, and is recorded as failed', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [piece({ content: 'a' }), piece({ content: 'b' })], 'end'),
    );
    const url = await farmOf(vendor);
    const answer = await ask(
      url,
      '{"model":"remote","stream":true,"messages":[{"role":"user","content":"hi"}]}',
    );
    const text = await answer.text();
    expect(text).not.toContain('[DONE]');
    expect(piecesOf(text).at(-1)).toMatchObject({ error: { code: 'upstream_failed' } });
    expect(vendor.requests).toHaveLength(1);
    const receipt = await receiptOf(url, answer.headers.get('x-request-id'));
    expect(receipt).toMatchObject({ outcome: 'failed', usage: { completionTokens: 2 } });
    expect(receipt.attempts.map((one) => one.outcome)).toEqual(['failed']);
  });

  it('lets the upstream go when the caller leaves, and is recorded once as cancelled', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [piece({ content: 'a' })], 'hang'),
    );
    const url = await farmOf(vendor);
    const leaving = new AbortController();
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"remote","stream":true,"messages":[{"role":"user","content":"hi"}]}',
      signal: leaving.signal,
    });
    const id = answer.headers.get('x-request-id');
    leaving.abort();
    await vendor.requests[0]?.gone;
    await expect
      .poll(async () => (await fetch(`${url}/cadre/v1/receipts/${id}`)).status, { timeout: 10_000 })
      .toBe(200);
    expect(await receiptOf(url, id)).toMatchObject({
      outcome: 'cancelled',
      attempts: [{ outcome: 'cancelled' }],
      usage: { completionTokens: 1 },
    });
  });

  it('is asked for elsewhere only while nothing of it was seen', async () => {
    let count = 0;
    const vendor = await startVendor((_request, response) => {
      count += 1;
      if (count === 1) response.destroy();
      else void sendPieces(response, [piece({ content: 'a' }), piece({}, 'stop') + TAIL]);
    });
    const url = await farmOf(vendor);
    const answer = await ask(
      url,
      '{"model":"remote","stream":true,"messages":[{"role":"user","content":"hi"}]}',
    );
    expect((await answer.text()).endsWith('data: [DONE]\n\n')).toBe(true);
    expect(vendor.requests).toHaveLength(2);
  });
});
