import { type ChatRequest, textOf } from '../core/chat.ts';

/** Bytes per token of English text with these tokenisers, rounded down to be safe (measured 4.1–4.6). */
const BYTES_PER_TOKEN = 3.5;

/** Tokens of a request's messages and tools, rather too many than too few. */
export function estimateTokens(request: ChatRequest): number {
  let characters = 0;
  for (const message of request.messages) characters += textOf(message.content).length + 16;
  if (request.tools) characters += JSON.stringify(request.tools).length;
  return Math.ceil(characters / BYTES_PER_TOKEN);
}
