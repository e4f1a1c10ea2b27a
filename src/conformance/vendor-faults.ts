import type { JsonObject } from '../core/chat.ts';
import type { VendorStep } from '../core/gateway.ts';
import { textAt } from './json-path.ts';
import { chatSteps, deltaText, ODD_USAGE, tailText, twoCallSteps } from './vendor-chat.ts';
import {
  JSON_HEAD,
  SIXTY_WORDS,
  STREAM_HEAD,
  sendJson,
  sendVendorError,
  wordPieces,
} from './vendor-words.ts';

export const HUNDRED = 100;
/** Milliseconds between two chunks of `hundred`. */
export const HUNDRED_PAUSE = 20;
/** Milliseconds before `slow` answers. */
export const SLOW_MS = 4000;
export const LONG_LINE_BYTES = 10 * 1024 * 1024;
const USAGE = { prompt_tokens: 20, completion_tokens: 60, total_tokens: 80 };
const HTML = '<!doctype html><html><body><h1>Welcome to the proxy</h1></body></html>';

type Fault = (body: JsonObject) => Iterable<VendorStep>;

/** The models of the scripted vendor besides the healthy one; the name says what goes wrong. */
export const VENDOR_FAULTS: Readonly<Record<string, Fault>> = {
  counted: (body) => chatSteps(body, ODD_USAGE),
  'two-calls': twoCallSteps,
  hundred,
  slow,
  cut,
  'cut-call': cutCall,
  html,
  'no-done': (body) => withoutDone(body, 'end'),
  'no-done-open': (body) => withoutDone(body, 'hang'),
  'long-line': longLine,
  'empty-choices': emptyChoices,
  silent: () => [{ do: 'hang' }],
  stall,
  'bad-chunk': badChunk,
  'odd-bytes': oddBytes,
  'content-filter': () =>
    sendVendorError(400, {
      message: 'The prompt was refused by the content filter: violence.',
      type: 'invalid_request_error',
      code: 'content_filter',
    }),
  filtered,
  'too-long': () =>
    sendVendorError(400, {
      message: 'This model’s maximum context length is 8192 tokens.',
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    }),
  limited: () =>
    sendVendorError(
      429,
      { message: 'Rate limit reached.', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
      { 'retry-after': '2' },
    ),
  failing: () =>
    sendVendorError(500, { message: 'Out of order.', type: 'server_error', code: 'server_error' }),
};

function* words(body: JsonObject, from: number, to: number): Iterable<VendorStep> {
  if (from === 0) yield { do: 'chunk', bytes: deltaText(body, { role: 'assistant', content: '' }) };
  for (const content of wordPieces(SIXTY_WORDS).slice(from, to))
    yield { do: 'chunk', bytes: deltaText(body, { content }) };
}

function* hundred(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] !== true) yield* slow(body);
  else {
    yield STREAM_HEAD;
    for (let index = 0; index < HUNDRED; index += 1) {
      yield { do: 'chunk', bytes: deltaText(body, { content: `word${index} ` }) };
      yield { do: 'wait', ms: HUNDRED_PAUSE };
    }
    yield { do: 'write', bytes: deltaText(body, {}, 'stop') + tailText(body, USAGE) };
    yield { do: 'end' };
  }
}

function* slow(body: JsonObject): Iterable<VendorStep> {
  yield { do: 'wait', ms: SLOW_MS };
  yield* chatSteps(body);
}

/** Twenty of sixty words, or half a body, and the connection breaks. */
function* cut(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] === true) {
    yield STREAM_HEAD;
    yield* words(body, 0, 20);
  } else {
    const head = { 'content-type': 'application/json', 'content-length': '1000' };
    yield { do: 'head', status: 200, headers: head };
    yield {
      do: 'write',
      bytes: '{"id":"chatcmpl-scripted","object":"chat.completion","choices":[',
    };
  }
  // What was written is on its way before the connection breaks.
  yield { do: 'wait', ms: 100 };
  yield { do: 'cut' };
}

/** A call whose arguments break off, and the connection with them. */
function* cutCall(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] !== true) yield* cut(body);
  else {
    const name = textAt(body, 'tools', 0, 'function', 'name') ?? 'nothing';
    const head = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } };
    yield STREAM_HEAD;
    for (const call of [head, { index: 0, function: { arguments: '{"city":"Par' } }])
      yield { do: 'chunk', bytes: deltaText(body, { tool_calls: [call] }) };
    yield { do: 'wait', ms: 100 };
    yield { do: 'cut' };
  }
}

function* html(): Iterable<VendorStep> {
  yield { do: 'head', status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } };
  yield { do: 'write', bytes: HTML };
  yield { do: 'end' };
}

function* withoutDone(body: JsonObject, end: 'end' | 'hang'): Iterable<VendorStep> {
  if (body['stream'] !== true) yield* chatSteps(body);
  else {
    yield STREAM_HEAD;
    yield* words(body, 0, SIXTY_WORDS.length);
    yield { do: 'write', bytes: deltaText(body, {}, 'stop') };
    yield { do: 'write', bytes: tailText(body, USAGE).replace('data: [DONE]\n\n', '') };
    yield { do: end };
  }
}

/** Ten words, then ten megabytes of a line that never becomes an event. */
function* longLine(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] !== true) yield* chatSteps(body);
  else {
    yield STREAM_HEAD;
    yield* words(body, 0, 10);
    yield { do: 'write', bytes: 'data: ' };
    const piece = 'x'.repeat(64 * 1024);
    for (let sent = 0; sent < LONG_LINE_BYTES; sent += piece.length)
      yield { do: 'write', bytes: piece };
    yield { do: 'end' };
  }
}

function* emptyChoices(body: JsonObject): Iterable<VendorStep> {
  const value = { id: 'chatcmpl-scripted', created: 1, model: body['model'] ?? '', choices: [] };
  if (body['stream'] !== true)
    yield* sendJson({ ...value, object: 'chat.completion', usage: USAGE });
  else {
    yield STREAM_HEAD;
    const chunk = JSON.stringify({ ...value, object: 'chat.completion.chunk' });
    yield { do: 'write', bytes: `data: ${chunk}\n\ndata: [DONE]\n\n` };
    yield { do: 'end' };
  }
}

function* stall(body: JsonObject): Iterable<VendorStep> {
  yield body['stream'] === true ? STREAM_HEAD : JSON_HEAD;
  if (body['stream'] === true) yield* words(body, 0, 10);
  else yield { do: 'write', bytes: '{"id":' };
  yield { do: 'hang' };
}

function* badChunk(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] !== true) {
    yield JSON_HEAD;
    yield { do: 'write', bytes: '{"id":"chatcmpl-scripted","choices":[{"index":0,' };
    yield { do: 'end' };
    return;
  }
  yield STREAM_HEAD;
  yield* words(body, 0, 20);
  yield { do: 'write', bytes: 'data: {"id":"chatcmpl-scripted","choices":[{"delta":{"conte\n\n' };
  yield* words(body, 20, SIXTY_WORDS.length);
  yield { do: 'write', bytes: deltaText(body, {}, 'stop') + tailText(body, USAGE) };
  yield { do: 'end' };
}

/** Lawful and unusual: CRLF, comments, no space after the colon, writes that split letters. */
function* oddBytes(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] !== true) yield* chatSteps(body);
  else {
    yield STREAM_HEAD;
    const plain = [...words(body, 0, SIXTY_WORDS.length)]
      .map((step) => ('bytes' in step ? String(step.bytes) : ''))
      .join(': still here\n\n');
    const whole = plain + deltaText(body, {}, 'stop') + tailText(body, USAGE);
    const bytes = new TextEncoder().encode(
      whole.replaceAll('data: {', 'data:{').replaceAll('\n', '\r\n'),
    );
    for (let from = 0; from < bytes.length; from += 701)
      yield { do: 'write', bytes: bytes.subarray(from, from + 701) };
    yield { do: 'end' };
  }
}

function* filtered(body: JsonObject): Iterable<VendorStep> {
  if (body['stream'] === true) {
    yield STREAM_HEAD;
    yield* words(body, 0, 5);
    yield { do: 'write', bytes: deltaText(body, {}, 'content_filter') + tailText(body, USAGE) };
    yield { do: 'end' };
    return;
  }
  yield* sendJson({
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1,
    model: body['model'] ?? '',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: SIXTY_WORDS.slice(0, 5).join(' ') },
        logprobs: null,
        finish_reason: 'content_filter',
      },
    ],
    usage: USAGE,
  });
}
