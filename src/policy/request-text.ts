import type { ChatRequest, ContentPart, JsonValue } from '../core/chat.ts';

/** A piece of a request that a label may depend on. */
export interface TextPiece {
  /** Where it stands, for people: `message 2 (user)`. */
  readonly where: string;
  readonly text: string;
  /** Written by the caller, not by a model, a tool or a document. */
  readonly own: boolean;
}

export interface RequestText {
  readonly pieces: readonly TextPiece[];
  /** Parts that hold something no scanner reads: images, audio. */
  readonly unread: readonly string[];
}

/** JSON nested deeper than this is read as its text. */
const DEPTH_MAX = 64;

/** Everything of a request that would reach a model, in order. */
export function requestText(request: ChatRequest): RequestText {
  const pieces: TextPiece[] = [];
  const unread: string[] = [];
  for (const [index, message] of request.messages.entries()) {
    const where = `message ${index + 1} (${message.role})`;
    const own = message.role === 'user' || message.role === 'system';
    readContent(message.content, where, own, pieces, unread);
    readExtra(message, where, own, pieces);
    if (message.role === 'assistant')
      for (const call of message.toolCalls ?? []) {
        const text = `${call.name}\n${call.arguments}`;
        pieces.push({ where: `${where}, tool call`, text, own: false });
        readExtra(call, `${where}, tool call`, false, pieces);
      }
  }
  const add = (where: string, value: JsonValue | undefined) => {
    if (value !== undefined) pieces.push({ where, text: stringsOf(value), own: true });
  };
  for (const { name, description = '', parameters = null, extra = null } of request.tools ?? [])
    add(`tool ${name}`, [name, description, parameters, extra]);
  if (request.responseFormat?.type === 'json-schema') {
    const { name, schema, extra = null } = request.responseFormat;
    add('response format', [name, schema, extra]);
  }
  add('stop sequences', request.stop);
  add('test features', request.betas);
  add('other fields', request.extra);
  return { pieces, unread };
}

function readContent(
  content: readonly ContentPart[],
  where: string,
  own: boolean,
  pieces: TextPiece[],
  unread: string[],
): void {
  // Parts are read as one text: a name cut in two by parts is joined again in the prompt.
  let text = '';
  let thought = '';
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    // A seal is read like words: nobody but its vendor can tell what else it is.
    else if (part.type === 'thinking')
      thought += `${part.text}\n${part.signature ?? ''}\n${part.redacted ?? ''}\n`;
    else unread.push(`${where}, ${part.type}`);
    if (part.type !== 'thinking') readExtra(part, where, own, pieces);
  }
  if (text !== '') pieces.push({ where, text, own });
  if (thought !== '') pieces.push({ where: `${where}, thinking`, text: thought, own: false });
}

function readExtra(
  { extra }: { readonly extra?: JsonValue },
  where: string,
  own: boolean,
  pieces: TextPiece[],
): void {
  if (extra !== undefined)
    pieces.push({ where: `${where}, other fields`, text: stringsOf(extra), own });
}

/** All strings of a JSON value with their keys, one per line, so that `password: …` is seen. */
function stringsOf(value: JsonValue, depth = 0): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (depth === DEPTH_MAX) return JSON.stringify(value);
  if (Array.isArray(value))
    return value.map((one: JsonValue) => stringsOf(one, depth + 1)).join('\n');
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${stringsOf(one, depth + 1)}`)
    .join('\n');
}
