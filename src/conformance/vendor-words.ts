import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { VendorStep } from '../core/gateway.ts';
import { at, listAt, numberAt, textAt } from './json-path.ts';

/** What every healthy answer says: sixty words, so that a cut is seen. */
export const SIXTY_WORDS = (
  'The café at the harbour opens before sunrise because fishermen return early and want coffee ' +
  'while gulls circle above grey water and ropes creak against wooden piers until bells ring twice ' +
  'from the old church tower whose clock has been slow since spring when lightning struck its ' +
  'copper roof and nobody in town found money courage or time to climb up there'
).split(' ');

/** One choice of a scripted answer, before it is put on the wire. */
export interface SpokenChoice {
  /** Pieces of text, one per token. */
  readonly pieces: readonly string[];
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

export const JSON_HEAD: VendorStep = {
  do: 'head',
  status: 200,
  headers: { 'content-type': 'application/json', 'x-request-id': 'vendor-request' },
};
export const STREAM_HEAD: VendorStep = {
  do: 'head',
  status: 200,
  headers: { 'content-type': 'text/event-stream', 'x-request-id': 'vendor-request' },
};

export function* sendJson(value: JsonValue, status = 200, headers = {}): Iterable<VendorStep> {
  const type = { 'content-type': 'application/json', 'x-request-id': 'vendor-request' };
  yield { do: 'head', status, headers: { ...type, ...headers } };
  yield { do: 'write', bytes: JSON.stringify(value) };
  yield { do: 'end' };
}

export function sendVendorError(
  status: number,
  error: { readonly message: string; readonly type: string; readonly code: string },
  headers = {},
): Iterable<VendorStep> {
  return sendJson({ error: { ...error, param: null } }, status, headers);
}

/** What a model that obeys says to a chat body. */
export function speak(body: JsonObject): SpokenChoice {
  const tool = demandedTool(body);
  if (tool !== undefined) return { pieces: [], calls: [tool], finish: 'tool_calls' };
  const schema = at(body, 'response_format', 'json_schema', 'schema');
  const isJson = textAt(body, 'response_format', 'type') === 'json_object';
  const text = schema
    ? JSON.stringify(instanceOf(schema))
    : isJson
      ? '{"city":"Paris"}'
      : undefined;
  return shorten(text === undefined ? wordPieces(SIXTY_WORDS) : [text], body);
}

export function wordPieces(words: readonly string[]): string[] {
  return words.map((word, index) => (index === 0 ? word : ` ${word}`));
}

function shorten(pieces: readonly string[], body: JsonObject): SpokenChoice {
  const limit = numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens');
  const bounded = pieces.slice(0, limit ?? pieces.length);
  const stop = body['stop'];
  const stops = (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === 'string');
  const said = bounded.join('');
  const ends = stops.map((one) => said.indexOf(one)).filter((place) => place >= 0);
  if (ends.length > 0)
    return { pieces: [said.slice(0, Math.min(...ends))], calls: [], finish: 'stop' };
  const finish = bounded.length < pieces.length ? 'length' : 'stop';
  return { pieces: bounded, calls: [], finish };
}

/** The call that the caller demands, or asks for in words. */
function demandedTool(body: JsonObject) {
  const tools = listAt(body, 'tools') ?? [];
  const choice = body['tool_choice'];
  const last = listAt(body, 'messages')?.at(-1);
  const isAsked = textAt(last, 'role') === 'user' && JSON.stringify(last).includes('Use the tool');
  const isForced = choice === 'required' || (typeof choice === 'object' && choice !== null);
  if (choice === 'none' || !(isForced || isAsked)) return undefined;
  const wanted = textAt(choice, 'function', 'name');
  const tool = tools.find((one) => wanted === undefined || nameOf(one) === wanted);
  if (tool === undefined) return undefined;
  const parameters = at(tool, 'function', 'parameters') ?? {};
  return { name: nameOf(tool), arguments: JSON.stringify(instanceOf(parameters)) };
}

function nameOf(tool: unknown): string {
  return textAt(tool, 'function', 'name') ?? '';
}

/** The plainest value that a schema accepts. */
export function instanceOf(schema: unknown): JsonValue {
  const choices = listAt(schema, 'enum');
  if (choices !== undefined) return (choices[0] ?? null) as JsonValue;
  const type = textAt(schema, 'type');
  if (type === 'integer' || type === 'number') return 42;
  if (type === 'boolean') return true;
  if (type === 'array') return [instanceOf(at(schema, 'items') ?? {})];
  if (type !== 'object') return 'Paris';
  const properties = Object.entries(Object(at(schema, 'properties') ?? {}));
  return Object.fromEntries(properties.map(([name, one]) => [name, instanceOf(one)]));
}
