import { once } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import type { Call } from '../../src/core/call.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Permit } from '../../src/core/permit.ts';
import { createServer } from '../../src/server/server.ts';
import { createScriptedFarm, receiptOf } from '../../test/server/scripted-farm.ts';

/** Tokens of one answer that comes at once, and of a streamed one. */
export const JSON_TOKENS = 16;
export const STREAM_TOKENS = 512;

const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'instant',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })}\n\n`;
const usage = { prompt_tokens: 200, completion_tokens: STREAM_TOKENS, total_tokens: 712 };
const TOKEN = chunk({ content: ' token' }, null);
const TAIL = `${chunk({}, 'stop')}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
const WHOLE = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'instant',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: ' token'.repeat(JSON_TOKENS) },
      finish_reason: 'stop',
    },
  ],
  usage,
});

/** A vendor that knows every answer: long ones token by token, each in a write of its own. */
export function startUpstream(): Promise<number> {
  const server = createHttpServer(async (incoming, response) => {
    let body = '';
    for await (const part of incoming) body += part;
    // Some gateways ask what else there is: GET without a body.
    const wish = JSON.parse(body || '{}') as { stream?: boolean; max_tokens?: number };
    if (!wish.stream) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(WHOLE);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (wish.max_tokens === JSON_TOKENS) response.end(TOKEN.repeat(JSON_TOKENS) + TAIL);
    else await writeTokens(response);
  });
  return listen(server);
}

async function writeTokens(response: ServerResponse): Promise<void> {
  for (let token = 0; token < STREAM_TOKENS; token += 1) {
    response.write(TOKEN);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end(TAIL);
}

/** The least that stands between a client and a vendor: bytes in, bytes out. */
export function startRelay(
  upstream: string,
  change: (body: Buffer) => Buffer = (body) => body,
): Promise<number> {
  const pool = new Pool(upstream, { connections: 64 });
  const server = createHttpServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
      const body = change(Buffer.concat(parts));
      pool.dispatch(
        { path: '/v1/chat/completions', method: 'POST', headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, status, from) {
            response.writeHead(status, { 'content-type': String(from['content-type']) });
          },
          onResponseData(controller, bytes) {
            if (response.write(bytes)) return;
            controller.pause();
            response.once('drain', () => controller.resume());
          },
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      );
    });
  });
  return listen(server);
}

/** A relay that also sets another model's name, by cutting it into the bytes: the least for a prompt of any length. */
export function startSplice(upstream: string): Promise<number> {
  return startRelay(upstream, (body) => {
    const start = body.indexOf('"model":"') + 9;
    const end = body.indexOf(0x22, start);
    return Buffer.concat([body.subarray(0, start), Buffer.from('instant'), body.subarray(end)]);
  });
}

async function listen(server: ReturnType<typeof createHttpServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The product's server and adapter with nothing between them. */
export async function startDoor(upstream: string): Promise<number> {
  const config = {
    destinations: [{ id: 'vendor', kind: 'openai', url: `${upstream}/v1` }],
  };
  const destination = parseConfig(config).destinations[0];
  if (destination === undefined) throw new Error('no destination');
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  const model = createOpenAiModel({ destination, model: 'instant', key: 'x', egress });
  const farm = createScriptedFarm(config);
  const name = { id: 'remote', kind: 'spoke', description: '', ready: true, created: 1 } as const;
  farm.listNames = () => [{ ...name, contextLength: 4096, tools: true, vision: false }];
  farm.ask = (call, signal) => relayEvents(model.doChat(toRequest(call), { signal, permit }), call);
  const { port } = await createServer({ farm, log: () => {} }).listen({
    host: '127.0.0.1',
    port: 0,
  });
  return port;
}

const permit: Permit = {
  destination: 'vendor',
  label: 'public',
  requestId: 'req_1',
  budget: 1,
  expires: Number.MAX_SAFE_INTEGER,
};

function toRequest({ request }: Call) {
  const { messages, sampling, maxTokens = 64 } = request;
  return { messages, sampling, maxTokens };
}

type ModelAnswer = ReturnType<ReturnType<typeof createOpenAiModel>['doChat']>;

async function* relayEvents(answer: ModelAnswer, call: Call): AsyncGenerator<CadreEvent> {
  const { id, request } = call;
  yield { type: 'request-accepted', id, at: Date.now(), model: request.model, depth: 0 };
  for await (const event of answer) {
    if (event.type === 'text') yield { type: 'text-delta', choice: 0, text: event.text };
    if (event.type !== 'ended') continue;
    yield { type: 'choice-ended', choice: 0, finishReason: event.finishReason };
    const receipt = receiptOf(id, call.caller.key);
    yield { type: 'answer-ended', usage: event.usage, receipt };
  }
}

/** The whole farm: policy, gate, receipts and store; CADRE_HOME and CADRE_CONFIG name an empty home. */
export async function startWholeFarm(): Promise<number> {
  const { readSettings, startFarm } = await import('../../src/main.ts');
  const settings = await readSettings({ server: { port: 0 } });
  const { signal } = new AbortController();
  const farm = await startFarm({ settings, log: () => {}, listen: true, signal });
  return Number(new URL(farm.url ?? '').port);
}
