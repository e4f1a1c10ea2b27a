import { isAscii } from './ascii.ts';
import { type ChatRequest, textOf } from './chat.ts';
import { dearestRate, type Price } from './price.ts';

/** Tokens that a chat template adds to a message. */
const MESSAGE_TOKENS = 8;

/** What the cost of an answer hangs on besides the request. */
export interface PricedSpoke {
  /** US dollars per million tokens; absent where nobody is paid. */
  readonly price?: Price;
  /** Tokens that it adds to a prompt at most. */
  readonly addedTokens: number;
  /** Most tokens of an answer where the request is silent. */
  readonly maxTokens: number;
}

/**
 * US dollars of the longest answers that a spoke may give: what the gate holds against a budget and
 * what is set aside for it. Each choice is a request of its own, which reads the prompt again.
 */
export function worstCost(
  { price, addedTokens, maxTokens }: PricedSpoke,
  request: ChatRequest,
  promptTokens: number,
  choiceCount = request.choiceCount ?? 1,
): number {
  if (price === undefined) return 0;
  const prompt = (promptTokens + addedTokens) * price.input * dearestRate(request);
  return (choiceCount * (prompt + (request.maxTokens ?? maxTokens) * price.output)) / 1e6;
}

/**
 * Tokens that a remote model counts for a request's prompt at most, for setting money aside: 3 ASCII characters
 * per token where English has 4 and more, 1.5 tokens for any other UTF-16 unit (Chinese has about
 * one). Only text of random symbols takes more.
 */
export function mostPromptTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) {
    tokens += mostTokens(textOf(message.content)) + MESSAGE_TOKENS;
    if (message.role !== 'assistant' || message.toolCalls === undefined) continue;
    tokens += mostTokens(JSON.stringify(message.toolCalls));
  }
  if (request.tools !== undefined) tokens += mostTokens(JSON.stringify(request.tools));
  return Math.ceil(tokens);
}

/** The same for what a spoke says before it. */
export function mostSystemTokens(system: string | undefined): number {
  return Math.ceil(mostTokens(system ?? '')) + MESSAGE_TOKENS;
}

function mostTokens(text: string): number {
  if (isAscii(text)) return text.length / 3;
  let others = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) others += 1;
  return (text.length - others) / 3 + others * 1.5;
}
