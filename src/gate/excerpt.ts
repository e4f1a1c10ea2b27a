import type { ChatMessage, ChatRequest, ContentPart } from '../core/chat.ts';

/** UTF-16 units of the last user message that are looked at, from each end. */
export const EXCERPT_END = 8192;
/** Units of a system prompt: the instruction stands at its beginning. */
const SYSTEM_LIMIT = 240;

/** What the gate reads of a user's text, however long it is. */
export function bothEndsOf(text: string): string {
  if (text.length <= 2 * EXCERPT_END) return text;
  return `${text.slice(0, EXCERPT_END)}\n${text.slice(-EXCERPT_END)}`;
}

/** The text the gate judges a request by; bounded, however long the request is. */
export interface Excerpt {
  /** First and last 8 KB of the last user message. */
  readonly text: string;
  /** Beginning of the first system message, '' when there is none. */
  readonly system: string;
  /** UTF-16 units of the whole last user message. */
  readonly length: number;
}

export function takeExcerpt(request: ChatRequest): Excerpt {
  const user = lastOf(request.messages, 'user');
  const system = request.messages.find((message) => message.role === 'system');
  const length = lengthOf(user?.content ?? []);
  return {
    text: user === undefined ? '' : bothEnds(user.content, length),
    system: system === undefined ? '' : head(system.content, SYSTEM_LIMIT),
    length,
  };
}

function lastOf(
  messages: readonly ChatMessage[],
  role: ChatMessage['role'],
): ChatMessage | undefined {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    if (messages[index]?.role === role) return messages[index];
  }
  return undefined;
}

function lengthOf(content: readonly ContentPart[]): number {
  let length = 0;
  for (const part of content) if (part.type === 'text') length += part.text.length;
  return length;
}

function bothEnds(content: readonly ContentPart[], length: number): string {
  if (length <= 2 * EXCERPT_END) return head(content, length);
  return `${head(content, EXCERPT_END)}\n${tail(content, EXCERPT_END)}`;
}

function head(content: readonly ContentPart[], limit: number): string {
  let text = '';
  for (const part of content) {
    if (text.length >= limit) break;
    if (part.type === 'text') text += part.text.slice(0, limit - text.length);
  }
  return text;
}

function tail(content: readonly ContentPart[], limit: number): string {
  let text = '';
  for (let index = content.length - 1; index >= 0 && text.length < limit; index -= 1) {
    const part = content[index];
    if (part?.type === 'text') text = part.text.slice(-(limit - text.length)) + text;
  }
  return text;
}
