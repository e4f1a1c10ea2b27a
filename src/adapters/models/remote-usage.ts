import { type TokenUsage, textOf } from '../../core/chat.ts';
import type { ModelRequest } from '../../core/ports.ts';

/** Characters per token of English prose with the tokenisers in use (GPT-2 … Llama 3: 3.8 … 4.5). */
const CHARACTERS_PER_TOKEN = 4;

/** Usage for a server that reports none: prompt by length, one token per delta. */
export function estimateUsage(request: ModelRequest, deltaCount: number): TokenUsage {
  let characters = 0;
  for (const message of request.messages) characters += textOf(message.content).length;
  const promptTokens = Math.ceil(characters / CHARACTERS_PER_TOKEN);
  return { promptTokens, cachedTokens: 0, completionTokens: deltaCount };
}
