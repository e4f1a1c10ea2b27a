import type { JsonObject } from '../../core/chat.ts';

/**
 * The items of OpenAI's Responses, as they are stored, listed and answered. Type aliases, because a
 * stored object's body is JSON.
 */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type MessageItem = {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'user' | 'system' | 'developer' | 'assistant';
  readonly status: ItemStatus;
  /** Parts by `type`: input_text, input_image, input_audio, output_text, refusal. */
  readonly content: readonly JsonObject[];
};

export type FunctionCallItem = {
  readonly id: string;
  readonly type: 'function_call';
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: ItemStatus;
};

export type FunctionOutputItem = {
  readonly id: string;
  readonly type: 'function_call_output';
  readonly call_id: string;
  readonly output: string | readonly JsonObject[];
  readonly status: ItemStatus;
};

export type ReasoningItem = {
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: readonly JsonObject[];
  /** What a vendor needs to take its own thought back; shown where the caller asks for it. */
  readonly encrypted_content?: string;
  readonly status: ItemStatus;
};

export type OutputItem = MessageItem | FunctionCallItem | ReasoningItem;
export type Item = OutputItem | FunctionOutputItem;

/** Stands for an item of a stored response, until it is looked up. */
export type ItemReference = { readonly type: 'item_reference'; readonly id: string };

const PREFIXES = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
} as const;

const REQUEST_PREFIX = 'req_';

/** A response has the letters of its request's id, so that one leads to the other. */
export function responseIdOf(requestId: string): string {
  return `resp_${requestId.slice(REQUEST_PREFIX.length)}`;
}

export function isResponseId(id: string): boolean {
  return /^resp_[a-z2-7]{24}$/.test(id);
}

/** The id of an item says which response holds it, so that a reference can be looked up. */
export function itemId(type: Item['type'], responseId: string, place: string): string {
  return `${PREFIXES[type]}_${responseId.slice('resp_'.length)}_${place}`;
}

/** Items whose ids are all different, since pages of them are asked for by id. */
export function withOwnIds(items: readonly Item[], responseId: string): Item[] {
  const seen = new Set<string>();
  return items.map((item, index) => {
    const isTaken = seen.has(item.id);
    seen.add(item.id);
    return isTaken ? { ...item, id: itemId(item.type, responseId, `i${index}`) } : item;
  });
}

/** The response that holds an item; undefined for an id that was not given here. */
export function holderOf(id: string): string | undefined {
  const letters = /^(?:msg|fc|fco|rs)_([a-z2-7]{24})_i?\d{1,6}$/.exec(id)?.[1];
  return letters === undefined ? undefined : `resp_${letters}`;
}
