import type { ChatMessage, ContentPart, JsonObject, ToolCall } from '../../core/chat.ts';
import { invalidField, isObject } from '../wire-fields.ts';
import { parseProof } from './reasoning-proof.ts';
import type { Item, ReasoningItem } from './response-items.ts';

interface Turn {
  readonly content: ContentPart[];
  readonly toolCalls: ToolCall[];
  /** Something was said or called: what is thought after that belongs to the next turn. */
  hasSpoken: boolean;
}

/**
 * The conversation that items stand for. Thought, words and calls of one answer are one message of
 * the assistant. Rejects an output whose call is not in the conversation.
 */
export function toMessages(items: readonly Item[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const calls = new Set<string>();
  let turn: Turn | undefined;
  const close = () => {
    if (turn !== undefined) messages.push(toMessage(turn));
    turn = undefined;
  };
  const open = (begins: boolean): Turn => {
    if (begins && turn?.hasSpoken) close();
    turn ??= { content: [], toolCalls: [], hasSpoken: false };
    return turn;
  };
  for (const item of items) {
    if (item.type === 'reasoning') open(true).content.push(...toThinking(item));
    else if (item.type === 'function_call') {
      calls.add(item.call_id);
      const current = open(false);
      current.hasSpoken = true;
      current.toolCalls.push({ id: item.call_id, name: item.name, arguments: item.arguments });
    } else if (item.type === 'message' && item.role === 'assistant') {
      const current = open(true);
      current.hasSpoken = true;
      current.content.push(...item.content.flatMap(toPart));
    } else {
      close();
      if (item.type === 'message')
        messages.push({
          role: item.role === 'user' ? 'user' : 'system',
          content: item.content.flatMap(toPart),
        });
      else messages.push(toToolMessage(item, calls));
    }
  }
  close();
  return messages;
}

function toMessage({ content, toolCalls }: Turn): ChatMessage {
  return toolCalls.length === 0
    ? { role: 'assistant', content }
    : { role: 'assistant', content, toolCalls };
}

function toToolMessage(
  item: Extract<Item, { type: 'function_call_output' }>,
  calls: ReadonlySet<string>,
): ChatMessage {
  if (!calls.has(item.call_id))
    throw invalidField(
      'input',
      `free of outputs without a call: nothing called “${item.call_id.slice(0, 64)}” before`,
    );
  const content: ContentPart[] =
    typeof item.output === 'string'
      ? [{ type: 'text', text: item.output }]
      : item.output.flatMap(toPart);
  return { role: 'tool', toolCallId: item.call_id, content };
}

function toThinking({ summary, encrypted_content: proof }: ReasoningItem): ContentPart[] {
  const text = summary.map((one) => textIn(one, 'text')).join('\n\n');
  const sealed = proof === undefined ? {} : parseProof(proof);
  return text === '' && sealed.redacted === undefined
    ? []
    : [{ type: 'thinking', text, ...sealed }];
}

function toPart(part: JsonObject): ContentPart[] {
  switch (part['type']) {
    case 'input_image':
      return [
        { type: 'image', url: textIn(part, 'image_url'), detail: textIn(part, 'detail') || 'auto' },
      ];
    case 'input_audio': {
      const audio = part['input_audio'];
      if (!isObject(audio)) return [];
      return [{ type: 'audio', data: textIn(audio, 'data'), format: textIn(audio, 'format') }];
    }
    default: {
      const text = textIn(part, part['type'] === 'refusal' ? 'refusal' : 'text');
      return text === '' ? [] : [{ type: 'text', text }];
    }
  }
}

/** Items were parsed when they came in; a field that is missing was optional. */
function textIn(part: JsonObject, name: string): string {
  const value = part[name];
  return typeof value === 'string' ? value : '';
}
