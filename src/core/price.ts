import type { ChatRequest, JsonObject } from './chat.ts';

/** What a remote model costs, US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Of tokens that the vendor's cache served; as `input` when absent. */
  readonly cachedInput?: number;
}

/**
 * What a token costs that is written into Anthropic's cache, as a multiple of `input`, by how long it
 * is kept (Anthropic's documentation, Prompt caching, Pricing).
 */
export const CACHE_WRITE_RATE = { fiveMinutes: 1.25, hour: 2 };

/** The most that a token of the prompt may cost as a multiple of `input`: marks for the vendor's cache count. */
export function dearestRate(request: ChatRequest): number {
  if (request.dialect !== 'anthropic') return 1;
  let rate = 1;
  const see = ({ extra }: { readonly extra?: JsonObject }) => {
    const mark = extra?.['cache_control'];
    if (typeof mark !== 'object' || mark === null || Array.isArray(mark)) return;
    const { fiveMinutes, hour } = CACHE_WRITE_RATE;
    rate = Math.max(rate, (mark as JsonObject)['ttl'] === '1h' ? hour : fiveMinutes);
  };
  see(request);
  for (const tool of request.tools ?? []) see(tool);
  for (const message of request.messages) {
    see(message);
    for (const part of message.content) if (part.type !== 'thinking') see(part);
    if (message.role === 'assistant') for (const call of message.toolCalls ?? []) see(call);
  }
  return rate;
}
