import type { ChatMessage, ContentPart, JsonObject, JsonValue, ToolCall } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import {
  extraFields,
  invalidField,
  isList,
  isObject,
  optionalBoolean,
  optionalObject,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

/** Fields that the house reads; others of a block are for a remote server of the same dialect. */
const TEXT_FIELDS = new Set(['type', 'text', 'citations']);
const SOURCE_FIELDS = new Set(['type', 'source', 'title', 'context', 'citations']);
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input']);
const RESULT_FIELDS = new Set(['type', 'tool_use_id', 'content', 'is_error']);

/** `system` and `messages` of the Messages API as the house's conversation. */
export function parseConversation(body: JsonObject): ChatMessage[] {
  const messages = body['messages'];
  if (!isList(messages) || messages.length === 0)
    throw invalidField('messages', 'a list with at least one message');
  return [
    ...parseSystem(body['system']),
    ...messages.flatMap((one, index) => parseMessage(one, `messages[${index}]`)),
  ];
}

function parseSystem(value: JsonValue | undefined): ChatMessage[] {
  if (value === undefined || value === null || value === '') return [];
  const content = parseBlocks(value, 'system', (block, path) => {
    if (block['type'] !== 'text') throw invalidField(`${path}.type`, '`text`');
    return parseText(block, path);
  });
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

function parseMessage(value: JsonValue, path: string): ChatMessage[] {
  if (!isObject(value)) throw invalidField(path, 'an object');
  const content = value['content'];
  if (value['role'] === 'assistant') return [parseAssistant(content, `${path}.content`)];
  if (value['role'] === 'user') return parseUser(content, `${path}.content`);
  throw invalidField(`${path}.role`, '`user` or `assistant`; instructions belong into `system`');
}

/** Results of tools are messages of their own in the house. */
function parseUser(value: JsonValue | undefined, path: string): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let said: ContentPart[] = [];
  const endTurn = () => {
    if (said.length > 0) messages.push({ role: 'user', content: said });
    said = [];
  };
  parseBlocks(value, path, (block, at) => {
    if (block['type'] !== 'tool_result') return said.push(parseShown(block, at));
    endTurn();
    return messages.push(parseResult(block, at));
  });
  endTurn();
  if (messages.length === 0) throw invalidField(path, 'text or a list with at least one block');
  return messages;
}

function parseResult(block: JsonObject, path: string): ChatMessage {
  const content = block['content'];
  const isError = optionalBoolean(block, 'is_error', `${path}.is_error`);
  return {
    role: 'tool',
    toolCallId: requiredText(block, 'tool_use_id', `${path}.tool_use_id`),
    content:
      content === undefined || content === null
        ? []
        : parseBlocks(content, `${path}.content`, parseShown),
    ...(isError === undefined ? {} : { isError }),
    ...extraFields(block, RESULT_FIELDS),
  };
}

function parseAssistant(value: JsonValue | undefined, path: string): ChatMessage {
  const toolCalls: ToolCall[] = [];
  const content: ContentPart[] = [];
  parseBlocks(value, path, (block, at) =>
    block['type'] === 'tool_use'
      ? toolCalls.push(parseCall(block, at))
      : content.push(parseSaid(block, at)),
  );
  return toolCalls.length === 0
    ? { role: 'assistant', content }
    : { role: 'assistant', content, toolCalls };
}

function parseCall(block: JsonObject, path: string): ToolCall {
  return {
    id: requiredText(block, 'id', `${path}.id`),
    name: requiredText(block, 'name', `${path}.name`),
    arguments: JSON.stringify(optionalObject(block, 'input', `${path}.input`) ?? {}),
    ...extraFields(block, CALL_FIELDS),
  };
}

/** A block that an assistant wrote. */
function parseSaid(block: JsonObject, path: string): ContentPart {
  switch (block['type']) {
    case 'text':
      return parseText(block, path);
    case 'thinking': {
      const signature = optionalText(block, 'signature', `${path}.signature`);
      return {
        type: 'thinking',
        text: optionalText(block, 'thinking', `${path}.thinking`) ?? '',
        // What no vendor signed came from another kind of server.
        ...(signature ? { signature } : {}),
      };
    }
    case 'redacted_thinking':
      return { type: 'thinking', text: '', redacted: requiredText(block, 'data', `${path}.data`) };
    default:
      throw unsupported(path);
  }
}

/** A block that a user or a tool shows. */
function parseShown(block: JsonObject, path: string): ContentPart {
  switch (block['type']) {
    case 'text':
      return parseText(block, path);
    case 'image':
      return parseImage(block, path);
    case 'document':
      return parseDocument(block, path);
    default:
      throw unsupported(path);
  }
}

function parseText(block: JsonObject, path: string): ContentPart {
  const text = block['text'];
  if (typeof text !== 'string') throw invalidField(`${path}.text`, 'a string');
  return { type: 'text', text, ...extraFields(block, TEXT_FIELDS) };
}

function parseImage(block: JsonObject, path: string): ContentPart {
  const source = sourceOf(block, path);
  if (source['type'] !== 'base64') throw notFetched(`${path}.source`);
  const type = requiredText(source, 'media_type', `${path}.source.media_type`);
  if (!/^image\/[\w.+-]+$/.test(type))
    throw invalidField(`${path}.source.media_type`, 'the type of an image, such as image/png');
  const data = requiredText(source, 'data', `${path}.source.data`);
  return {
    type: 'image',
    url: `data:${type};base64,${data}`,
    ...extraFields(block, SOURCE_FIELDS),
  };
}

/** Plain text is read; other documents belong into a collection, which parses and cites them. */
function parseDocument(block: JsonObject, path: string): ContentPart {
  const source = sourceOf(block, path);
  if (source['type'] === 'url' || source['type'] === 'file') throw notFetched(`${path}.source`);
  if (source['type'] !== 'text')
    throw new CadreError(
      'unsupported_part',
      `${path}.source must be plain text; index other documents with \`cadre index\` and ask \`knowledge:NAME\``,
      { param: `${path}.source.type` },
    );
  const title = optionalText(block, 'title', `${path}.title`);
  const text = requiredText(source, 'data', `${path}.source.data`);
  return {
    type: 'text',
    text: title === undefined ? text : `${title}\n\n${text}`,
    ...extraFields(block, SOURCE_FIELDS),
  };
}

function sourceOf(block: JsonObject, path: string): JsonObject {
  const source = optionalObject(block, 'source', `${path}.source`);
  if (source === undefined) throw invalidField(`${path}.source`, 'an object');
  return source;
}

/** Text stands for one block of text. */
function parseBlocks<T>(
  value: JsonValue | undefined,
  path: string,
  parse: (block: JsonObject, path: string) => T,
): T[] {
  if (typeof value === 'string') return [parse({ type: 'text', text: value }, path)];
  if (!isList(value)) throw invalidField(path, 'text or a list of blocks');
  return value.map((one, index) => {
    const at = `${path}[${index}]`;
    if (!isObject(one)) throw invalidField(at, 'an object');
    return parse(one, at);
  });
}

function notFetched(path: string): CadreError {
  return new CadreError(
    'unsupported_part',
    `${path} must be base64 data; the farm fetches nothing that a caller names`,
    { param: `${path}.type` },
  );
}

function unsupported(path: string): CadreError {
  return new CadreError('unsupported_part', `${path} is of a type that no spoke accepts here`, {
    param: `${path}.type`,
  });
}
