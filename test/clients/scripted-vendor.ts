import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { CITY_SCHEMA } from './client-library.ts';

interface VendorBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly response_format?: { readonly type: string };
}

/** The words of every healthy answer, so that a cut is seen. */
export const WORDS = 'One two three four five six seven eight nine ten.'.split(/(?<= )/);
const JSON_WORDS = ['{"ci', 'ty":"Po', 'rto"}'];
/** Pieces after which the model `cut` lets go. */
const CUT_AFTER = 4;

/**
 * A vendor of OpenAI's dialect whose model name picks how it behaves: `well`, `pair` (two tool calls
 * at once, their arguments interleaved), `cut` (in the middle of the stream), `flaky` (500, then
 * well), `limited` (429 for good).
 */
export class ScriptedVendor {
  readonly url: string;
  /** How often each model was asked. */
  readonly asked = new Map<string, number>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', (incoming, response: ServerResponse) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        text += part;
      });
      incoming.on('end', () => void this.#answer(JSON.parse(text) as VendorBody, response));
    });
  }

  static async start(): Promise<ScriptedVendor> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new ScriptedVendor(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(body: VendorBody, response: ServerResponse): Promise<void> {
    const before = this.asked.get(body.model) ?? 0;
    this.asked.set(body.model, before + 1);
    if (body.model === 'limited') return refuse(response, 429, { 'retry-after': '1' });
    if (body.model === 'flaky' && before % 2 === 0) return refuse(response, 500);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const pieces = body.model === 'cut' ? piecesFor(body).slice(0, CUT_AFTER) : piecesFor(body);
    for (const delta of pieces) {
      response.write(chunk(delta, null));
      await turn();
    }
    if (body.model === 'cut') return void response.destroy();
    const isCall = pieces.some((delta) => 'tool_calls' in delta);
    const usage = { prompt_tokens: 20, completion_tokens: pieces.length, total_tokens: 30 };
    const isAlone = body.stream_options?.include_usage ?? false;
    response.write(chunk({}, isCall ? 'tool_calls' : 'stop', isAlone ? {} : { usage }));
    if (isAlone) response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
    response.end('data: [DONE]\n\n');
  }
}

function piecesFor(body: VendorBody): object[] {
  const last = body.messages.at(-1);
  if (last?.role === 'tool') return [{ content: 'So: ' }, { content: String(last.content) }];
  const tool = body.tools?.[0]?.function.name;
  if (tool !== undefined) return callPieces(tool, citiesOf(body.model, tool));
  const isJson = body.response_format?.type.startsWith('json') ?? false;
  return (isJson ? JSON_WORDS : WORDS).map((content) => ({ content }));
}

function citiesOf(model: string, tool: string): readonly string[] {
  if (model === 'pair') return ['Oslo', 'Rome'];
  return [tool === 'place' ? 'Porto' : 'Oslo'];
}

/** One call for each city, the arguments of all of them in turn. */
function callPieces(name: string, cities: readonly string[]): object[] {
  const [property = ''] = CITY_SCHEMA.required;
  const heads = cities.map((_city, index) =>
    callPiece({ index, id: `call_${index}`, type: 'function' }, { name, arguments: '' }),
  );
  const starts = cities.map((_city, index) =>
    callPiece({ index }, { arguments: `{"${property}":` }),
  );
  const ends = cities.map((city, index) => callPiece({ index }, { arguments: `"${city}"}` }));
  return [...heads, ...starts, ...ends];
}

function callPiece(call: object, spoken: object): object {
  return { tool_calls: [{ ...call, function: spoken }] };
}

function chunk(delta: object, finish: string | null, more: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ choices, ...more })}\n\n`;
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: 'not now', type: 'server_error' } }));
}
