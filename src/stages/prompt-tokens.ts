import { type ChatRequest, textOf } from '../core/chat.ts';

/** Tokens that a chat template adds to a message. */
const MESSAGE_TOKENS = 8;

/**
 * Tokens that a remote model counts for a prompt at most, for setting money aside: 3 ASCII characters
 * per token where English has 4 and more, 1.5 tokens for any other UTF-16 unit (Chinese has about
 * one). Only text of random symbols takes more.
 */
export function mostPromptTokens(request: ChatRequest, system: string | undefined): number {
  let tokens = mostTokens(system ?? '') + MESSAGE_TOKENS;
  for (const message of request.messages) {
    tokens += mostTokens(textOf(message.content)) + MESSAGE_TOKENS;
    if (message.role !== 'assistant' || message.toolCalls === undefined) continue;
    tokens += mostTokens(JSON.stringify(message.toolCalls));
  }
  if (request.tools !== undefined) tokens += mostTokens(JSON.stringify(request.tools));
  return Math.ceil(tokens);
}

function mostTokens(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) others += 1;
  return (text.length - others) / 3 + others * 1.5;
}
