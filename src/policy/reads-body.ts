import type { ChatRequest, JsonObject, JsonValue } from '../core/chat.ts';
import { REPLACED_FIELDS } from '../core/relay.ts';
import { requestText } from './request-text.ts';

/** Words of the wire format itself: constants that tell nothing of anybody. */
const WIRE_WORDS: ReadonlySet<string> = new Set(
  `messages role content id name tool_calls tool_call_id refusal reasoning_content annotations
  system developer user assistant tool type text image_url url detail input_audio data format
  function arguments tools description parameters tool_choice auto none required parallel_tool_calls
  response_format json_object json_schema schema stop stream temperature top_p top_k seed
  presence_penalty frequency_penalty n logprobs top_logprobs`.split(/\s+/),
);
/** Their numbers are the dialect's own, within its ranges. */
const NUMBER_FIELDS: ReadonlySet<string> = new Set(
  'temperature top_p top_k seed presence_penalty frequency_penalty n top_logprobs'.split(' '),
);
const REPLACED: ReadonlySet<string> = new Set(REPLACED_FIELDS);

/**
 * Whether `requestText` has read all that a relayed body would hand on: every name, string and number
 * of the body the request was parsed from. What a parser drops, or whatever a later one forgets, is
 * in no piece, and such a body does not leave as it came.
 */
export function readsBody(request: ChatRequest, body: JsonObject): boolean {
  const read = new Set(requestText(request).strings);
  return Object.entries(body).every(
    ([name, value]) =>
      REPLACED.has(name) ||
      (isRead(name, read) &&
        ((typeof value === 'number' && NUMBER_FIELDS.has(name)) || isAllRead(value, read))),
  );
}

function isAllRead(value: JsonValue, read: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return isRead(value, read);
  // Digits that a number does not hold would leave with the text that they were written in.
  if (typeof value === 'number')
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER && read.has(String(value));
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every((one: JsonValue) => isAllRead(one, read));
  return Object.entries(value).every(
    ([name, one]: [string, JsonValue]) => isRead(name, read) && isAllRead(one, read),
  );
}

function isRead(text: string, read: ReadonlySet<string>): boolean {
  return text === '' || WIRE_WORDS.has(text) || read.has(text);
}
