import type { ChatMessage, ContentPart, JsonObject, JsonValue, ToolCall } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import {
  extraFields,
  invalidField,
  isList,
  isObject,
  optionalText,
  requiredText,
} from './wire-fields.ts';

/** `annotations` and `cadre` are the house's own words when an earlier answer comes back. */
const MESSAGE_FIELDS = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'refusal',
  'reasoning_content',
  'annotations',
  'cadre',
]);
/** `index` is of streams; clients that put a call together from pieces hand it back. */
const CALL_FIELDS = new Set(['id', 'type', 'index', 'function']);
const PART_FIELDS = new Set(['type', 'text', 'refusal', 'image_url', 'input_audio']);

/** `messages` of a chat request. Rejects with `invalid_request` or `unsupported_part` and the path. */
export function parseMessages(value: JsonValue | undefined): ChatMessage[] {
  if (!isList(value) || value.length === 0)
    throw invalidField('messages', 'a list with at least one message');
  return value.map((one, index) => parseMessage(one, `messages[${index}]`));
}

function parseMessage(value: JsonValue, path: string): ChatMessage {
  if (!isObject(value)) throw invalidField(path, 'an object');
  const extra = extraFields(value, MESSAGE_FIELDS);
  switch (value['role']) {
    case 'system':
    case 'developer':
      return {
        role: 'system',
        content: parseContent(value['content'], `${path}.content`),
        ...extra,
      };
    case 'user':
      return { role: 'user', content: parseContent(value['content'], `${path}.content`), ...extra };
    case 'assistant':
      return { ...parseAssistant(value, path), ...extra };
    case 'tool':
      return {
        ...extra,
        role: 'tool',
        toolCallId: requiredText(value, 'tool_call_id', `${path}.tool_call_id`),
        content: parseContent(value['content'], `${path}.content`),
      };
    case 'function':
      throw invalidField(`${path}.role`, '`tool` (`function` messages are obsolete)');
    default:
      throw invalidField(`${path}.role`, 'one of system, developer, user, assistant, tool');
  }
}

function parseAssistant(value: JsonObject, path: string): ChatMessage {
  const toolCalls = parseToolCalls(value['tool_calls'], `${path}.tool_calls`);
  const silent = value['content'] === undefined || value['content'] === null;
  const refusal = optionalText(value, 'refusal', `${path}.refusal`);
  if (silent && toolCalls.length === 0 && refusal === undefined)
    throw invalidField(`${path}.content`, 'given where there are no tool_calls');
  const thought = optionalText(value, 'reasoning_content', `${path}.reasoning_content`) ?? '';
  const content: ContentPart[] = [
    ...(thought === '' ? [] : [{ type: 'thinking' as const, text: thought }]),
    ...(silent ? textParts(refusal ?? '') : parseContent(value['content'], `${path}.content`)),
  ];
  return toolCalls.length === 0
    ? { role: 'assistant', content }
    : { role: 'assistant', content, toolCalls };
}

function textParts(text: string): ContentPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function parseToolCalls(value: JsonValue | undefined, path: string): ToolCall[] {
  if (value === undefined || value === null) return [];
  if (!isList(value)) throw invalidField(path, 'a list');
  return value.map((one, index) => {
    const at = `${path}[${index}]`;
    const spoken = isObject(one) ? one['function'] : undefined;
    if (!isObject(one) || !isObject(spoken)) throw invalidField(at, 'a function call');
    return {
      id: requiredText(one, 'id', `${at}.id`),
      name: requiredText(spoken, 'name', `${at}.function.name`),
      arguments: optionalText(spoken, 'arguments', `${at}.function.arguments`) ?? '',
      ...extraFields(one, CALL_FIELDS),
    };
  });
}

function parseContent(value: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!isList(value) || value.length === 0)
    throw invalidField(path, 'a string or a list with at least one part');
  return value.map((part, index) => parsePart(part, `${path}[${index}]`));
}

function parsePart(value: JsonValue, path: string): ContentPart {
  if (!isObject(value)) throw invalidField(path, 'an object');
  return { ...parseKnownPart(value, path), ...extraFields(value, PART_FIELDS) };
}

function parseKnownPart(value: JsonObject, path: string): ContentPart {
  switch (value['type']) {
    case 'text':
      return { type: 'text', text: optionalText(value, 'text', `${path}.text`) ?? '' };
    case 'refusal':
      return { type: 'text', text: optionalText(value, 'refusal', `${path}.refusal`) ?? '' };
    case 'image_url':
      return parseImage(value, path);
    case 'input_audio':
      return parseAudio(value, path);
    default:
      throw new CadreError('unsupported_part', `${path} is of a type that no spoke accepts`, {
        param: `${path}.type`,
      });
  }
}

function parseImage(value: JsonObject, path: string): ContentPart {
  const image = value['image_url'];
  if (!isObject(image)) throw invalidField(`${path}.image_url`, 'an object with a url');
  const url = requiredText(image, 'url', `${path}.image_url.url`);
  if (!/^data:image\//i.test(url))
    throw new CadreError(
      'unsupported_part',
      `${path}.image_url.url must be a data: URL; the farm fetches nothing that a caller names`,
      { param: `${path}.image_url.url` },
    );
  const detail = optionalText(image, 'detail', `${path}.image_url.detail`, 16);
  return detail === undefined ? { type: 'image', url } : { type: 'image', url, detail };
}

function parseAudio(value: JsonObject, path: string): ContentPart {
  const audio = value['input_audio'];
  if (!isObject(audio)) throw invalidField(`${path}.input_audio`, 'an object with data and format');
  return {
    type: 'audio',
    data: requiredText(audio, 'data', `${path}.input_audio.data`),
    format: requiredText(audio, 'format', `${path}.input_audio.format`),
  };
}
