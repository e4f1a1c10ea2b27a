import type { ChatMessage, ContentPart, JsonObject, JsonValue, ToolCall } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import {
  invalidField,
  isList,
  isObject,
  optionalObject,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

/** More calls in one message than any model makes; each result looks its call up among them. */
const MAX_CALLS = 128;

/** The first letters of base64 tell what an image is. */
const IMAGES: readonly (readonly [start: string, type: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** `messages` of /api/chat. Calls have no ids in this dialect: results are matched by name and order. */
export function parseMessages(list: readonly JsonValue[]): ChatMessage[] {
  let waiting: ToolCall[] = [];
  return list.map((one, index) => {
    const path = `messages[${index}]`;
    if (!isObject(one)) throw invalidField(path, 'an object');
    const content = parseContent(one, path);
    switch (one['role']) {
      case 'system':
      case 'user':
        return { role: one['role'], content };
      case 'assistant': {
        const toolCalls = parseCalls(one, path, index);
        waiting = [...toolCalls];
        return toolCalls.length === 0
          ? { role: 'assistant', content }
          : { role: 'assistant', content, toolCalls };
      }
      case 'tool':
        return { role: 'tool', toolCallId: takeCall(one, path, waiting), content };
      default:
        throw invalidField(`${path}.role`, 'one of system, user, assistant, tool');
    }
  });
}

function parseContent(message: JsonObject, path: string): ContentPart[] {
  const text = optionalText(message, 'content', `${path}.content`) ?? '';
  const thinking = optionalText(message, 'thinking', `${path}.thinking`) ?? '';
  return [
    ...(thinking === '' ? [] : [{ type: 'thinking' as const, text: thinking }]),
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...parseImages(message, `${path}.images`),
  ];
}

/** `images` of a message or a prompt: base64 without a type. */
export function parseImages(holder: JsonObject, path = 'images'): ContentPart[] {
  const list = holder['images'];
  if (list === undefined || list === null) return [];
  if (!isList(list)) throw invalidField(path, 'a list of base64 strings');
  return list.map((one, index) => {
    const at = `${path}[${index}]`;
    if (typeof one !== 'string') throw invalidField(at, 'a base64 string');
    if (/^https?:|^file:/.test(one))
      throw new CadreError(
        'unsupported_part',
        `${at} must be base64 data; the farm fetches nothing that a caller names`,
        { param: at },
      );
    // Some clients leave the head of a data: URL on; the bytes say what they are.
    const data = one.replace(/^data:[\w/.+-]{1,60};base64,/, '');
    const type = IMAGES.find(([start]) => data.startsWith(start))?.[1];
    if (type === undefined) throw invalidField(at, 'a PNG, JPEG, GIF or WebP image in base64');
    return { type: 'image', url: `data:${type};base64,${data}` };
  });
}

function parseCalls(message: JsonObject, path: string, place: number): ToolCall[] {
  const calls = message['tool_calls'];
  if (calls === undefined || calls === null) return [];
  if (!isList(calls) || calls.length > MAX_CALLS)
    throw invalidField(`${path}.tool_calls`, `a list of at most ${MAX_CALLS} calls`);
  return calls.map((one, index) => {
    const at = `${path}.tool_calls[${index}]`;
    const spoken = isObject(one) ? one['function'] : undefined;
    if (!isObject(one) || !isObject(spoken)) throw invalidField(at, 'a function call');
    const given = optionalObject(spoken, 'arguments', `${at}.function.arguments`) ?? {};
    return {
      id: optionalText(one, 'id', `${at}.id`) || `call_${place}_${index}`,
      name: requiredText(spoken, 'name', `${at}.function.name`),
      arguments: JSON.stringify(given),
    };
  });
}

/** The id of the call that a result answers, which is then no longer waiting. */
function takeCall(message: JsonObject, path: string, waiting: ToolCall[]): string {
  const id = optionalText(message, 'tool_call_id', `${path}.tool_call_id`);
  const name = optionalText(message, 'tool_name', `${path}.tool_name`);
  const place = waiting.findIndex(
    (call) =>
      (id === undefined || call.id === id) && (id !== undefined || !name || call.name === name),
  );
  const [call] = place < 0 ? [] : waiting.splice(place, 1);
  if (call !== undefined) return call.id;
  throw invalidField(path, 'the result of a call in the assistant message before it');
}
