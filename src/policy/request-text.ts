import type { ChatMessage, ChatRequest, ContentPart, JsonValue } from '../core/chat.ts';

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
  /** All names, strings and numbers that the pieces are made of or that `unread` stands for. */
  readonly strings: readonly string[];
}

/** JSON nested deeper than this is read as its text. */
const DEPTH_MAX = 64;

/** Everything of a request that would reach a model, in order. */
export function requestText(request: ChatRequest): RequestText {
  const reading = new Reading();
  for (const [index, message] of request.messages.entries())
    readMessage(message, `message ${index + 1} (${message.role})`, reading);
  for (const { name, description = '', parameters = null, extra = null } of request.tools ?? [])
    reading.addJson(`tool ${name}`, [name, description, parameters, extra], true);
  if (request.responseFormat?.type === 'json-schema') {
    const { name, schema, extra = null } = request.responseFormat;
    reading.addJson('response format', [name, schema, extra], true);
  }
  reading.addJson('stop sequences', request.stop, true);
  reading.addJson('test features', request.betas, true);
  reading.addJson('other fields', request.extra, true);
  return reading;
}

function readMessage(message: ChatMessage, where: string, reading: Reading): void {
  const own = message.role === 'user' || message.role === 'system';
  readContent(message.content, where, own, reading);
  reading.addJson(`${where}, other fields`, message.extra, own);
  if (message.role === 'tool') reading.add(`${where}, its call`, [message.toolCallId], false);
  if (message.role !== 'assistant') return;
  for (const { id, name, arguments: given, extra } of message.toolCalls ?? []) {
    reading.add(`${where}, tool call`, [name, '\n', given, '\n', id], false);
    reading.addJson(`${where}, tool call, other fields`, extra, false);
  }
}

function readContent(
  content: readonly ContentPart[],
  where: string,
  own: boolean,
  reading: Reading,
): void {
  // Parts are read as one text: a name cut in two by parts is joined again in the prompt.
  const text: string[] = [];
  const thought: string[] = [];
  for (const part of content) {
    if (part.type === 'text') text.push(part.text);
    // A seal is read like words: nobody but its vendor can tell what else it is.
    else if (part.type === 'thinking')
      thought.push(part.text, '\n', part.signature ?? '', '\n', part.redacted ?? '', '\n');
    else {
      reading.unread.push(`${where}, ${part.type}`);
      const [data, form = ''] =
        part.type === 'image' ? [part.url, part.detail] : [part.data, part.format];
      reading.strings.push(data);
      reading.add(`${where}, ${part.type}`, [form], own);
    }
    if (part.type !== 'thinking') reading.addJson(`${where}, other fields`, part.extra, own);
  }
  reading.add(where, text, own);
  reading.add(`${where}, thinking`, thought, false);
}

/** Pieces as they are read, and what they are made of. */
class Reading implements RequestText {
  readonly pieces: TextPiece[] = [];
  readonly unread: string[] = [];
  readonly strings: string[] = [];

  add(where: string, strings: readonly string[], own: boolean): void {
    const text = strings.length === 1 ? (strings[0] ?? '') : strings.join('');
    if (text === '') return;
    this.pieces.push({ where, text, own });
    for (const one of strings) this.strings.push(one);
  }

  addJson(where: string, value: JsonValue | undefined, own: boolean): void {
    if (value !== undefined) this.pieces.push({ where, text: this.#textOf(value), own });
  }

  /** All strings of a JSON value with their keys, one per line, so that `password: …` is seen. */
  #textOf(value: JsonValue, depth = 0): string {
    if (value === null || typeof value !== 'object' || depth === DEPTH_MAX) {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      this.strings.push(text);
      return text;
    }
    if (Array.isArray(value))
      return value.map((one: JsonValue) => this.#textOf(one, depth + 1)).join('\n');
    return Object.entries(value)
      .map(([key, one]) => {
        this.strings.push(key);
        return `${key}: ${this.#textOf(one, depth + 1)}`;
      })
      .join('\n');
  }
}
