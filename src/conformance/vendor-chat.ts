import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { VendorStep } from '../core/gateway.ts';
import { at, numberAt } from './json-path.ts';
import { JSON_HEAD, type SpokenChoice, STREAM_HEAD, speak } from './vendor-words.ts';

const COMMON = { id: 'chatcmpl-scripted', created: 1_750_000_000 };

/** A vendor’s counts that no estimate would find. */
export const ODD_USAGE = {
  prompt_tokens: 1234,
  completion_tokens: 77,
  total_tokens: 1311,
  prompt_tokens_details: { cached_tokens: 1000 },
  completion_tokens_details: { reasoning_tokens: 11 },
};

/** The healthy answer to a chat body, whole or streamed, in OpenAI’s wire format. */
export function chatSteps(body: JsonObject, usage?: JsonObject): Iterable<VendorStep> {
  const count = Math.min(numberAt(body, 'n') ?? 1, 8);
  const choices = Array.from({ length: count }, () => speak(body));
  const counted = usage ?? countUsage(choices);
  return body['stream'] === true
    ? streamChat(body, choices, counted)
    : wholeChat(body, choices, counted);
}

function countUsage(choices: readonly SpokenChoice[]): JsonObject {
  const completion = choices.reduce(
    (sum, one) => sum + one.pieces.length + one.calls.length * 8,
    0,
  );
  return { prompt_tokens: 20, completion_tokens: completion, total_tokens: 20 + completion };
}

function logprobsOf(body: JsonObject, pieces: readonly string[]): JsonValue {
  if (body['logprobs'] !== true) return null;
  const one = (token: string) => ({ token, logprob: -0.25, bytes: null });
  return {
    content: pieces.map((token) => ({ ...one(token), top_logprobs: [one(token), one('other')] })),
    refusal: null,
  };
}

function callsOf(choice: SpokenChoice): JsonObject[] {
  return choice.calls.map((call, index) => ({
    id: `call_${index + 1}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
}

function* wholeChat(
  body: JsonObject,
  choices: readonly SpokenChoice[],
  usage: JsonObject,
): Iterable<VendorStep> {
  yield JSON_HEAD;
  const value = {
    ...COMMON,
    object: 'chat.completion',
    model: body['model'] ?? '',
    choices: choices.map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.calls.length > 0 ? null : choice.pieces.join(''),
        refusal: null,
        ...(choice.calls.length > 0 ? { tool_calls: callsOf(choice) } : {}),
      },
      logprobs: logprobsOf(body, choice.pieces),
      finish_reason: choice.finish,
    })),
    usage,
  };
  yield { do: 'write', bytes: JSON.stringify(value) };
  yield { do: 'end' };
}

/** One server-sent event of a chat stream. */
export function chunkText(body: JsonObject, choices: readonly JsonObject[], more = {}): string {
  const chunk = {
    ...COMMON,
    object: 'chat.completion.chunk',
    model: body['model'] ?? '',
    choices,
    ...more,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

export function deltaText(
  body: JsonObject,
  delta: JsonObject,
  finish: string | null = null,
  more: JsonObject = {},
): string {
  return chunkText(body, [{ index: 0, delta, logprobs: null, finish_reason: finish, ...more }]);
}

/** What ends a stream: usage where it was asked for, then the mark. */
export function tailText(body: JsonObject, usage: JsonObject): string {
  const wantsUsage = at(body, 'stream_options', 'include_usage') === true;
  return `${wantsUsage ? chunkText(body, [], { usage }) : ''}data: [DONE]\n\n`;
}

function* streamChat(
  body: JsonObject,
  choices: readonly SpokenChoice[],
  usage: JsonObject,
): Iterable<VendorStep> {
  yield STREAM_HEAD;
  for (const [index, choice] of choices.entries()) {
    const send = (delta: JsonObject, finish: string | null, logprobs: JsonValue = null) => {
      const bytes = deltaText(body, delta, finish, { index, logprobs });
      return { do: 'chunk', bytes } as const;
    };
    yield send({ role: 'assistant', content: '' }, null);
    for (const piece of choice.pieces)
      yield send({ content: piece }, null, logprobsOf(body, [piece]));
    for (const delta of callDeltas(choice)) yield send({ tool_calls: [delta] }, null);
    yield send({}, choice.finish);
  }
  yield { do: 'write', bytes: tailText(body, usage) };
  yield { do: 'end' };
}

/** Name first, then the arguments in pieces of five letters; the calls one after another. */
function* callDeltas(choice: SpokenChoice): Iterable<JsonObject> {
  for (const [index, call] of choice.calls.entries()) {
    yield {
      index,
      id: `call_${index + 1}`,
      type: 'function',
      function: { name: call.name, arguments: '' },
    };
    for (let from = 0; from < call.arguments.length; from += 5)
      yield { index, function: { arguments: call.arguments.slice(from, from + 5) } };
  }
}

/** Two calls at once whose argument pieces come by turns. */
export const TWO_CALLS = [
  { name: 'get_weather', arguments: '{"city":"Paris"}' },
  { name: 'get_weather', arguments: '{"city":"Oslo"}' },
];

export function* twoCallSteps(body: JsonObject): Iterable<VendorStep> {
  const choice: SpokenChoice = { pieces: [], calls: TWO_CALLS, finish: 'tool_calls' };
  const usage = countUsage([choice]);
  if (body['stream'] !== true) yield* wholeChat(body, [choice], usage);
  else {
    yield STREAM_HEAD;
    yield { do: 'chunk', bytes: deltaText(body, { role: 'assistant', content: null }) };
    const [first = [], second = []] = TWO_CALLS.map((call, index) =>
      [...callDeltas({ ...choice, calls: [call] })].map((delta) => ({
        ...delta,
        index,
        ...(delta['id'] === undefined ? {} : { id: `call_${index + 1}` }),
      })),
    );
    for (let turn = 0; turn < Math.max(first.length, second.length); turn += 1)
      for (const delta of [first[turn], second[turn]])
        if (delta !== undefined)
          yield { do: 'chunk', bytes: deltaText(body, { tool_calls: [delta] }) };
    yield { do: 'chunk', bytes: deltaText(body, {}, 'tool_calls') };
    yield { do: 'write', bytes: tailText(body, usage) };
    yield { do: 'end' };
  }
}
