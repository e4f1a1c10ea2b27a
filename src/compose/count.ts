import type { ChatRequest } from '../core/chat.ts';
import { buildModelRequest } from '../run/prompt.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import { estimateTokens } from '../stages/prompt-length.ts';
import type { Models } from './models.ts';

/** A prompt that is estimated at so many times what the model holds is not worth counting. */
const CLEARLY_MORE = 2;

/**
 * Tokens of a request's prompt: by the tokenizer of the named spoke's model where that is in memory,
 * with the spoke's own words; else estimated. An adapter reads the tokens of its base. No model is loaded to count, and none that answers
 * others is kept busy with a text that it cannot hold.
 */
export async function countTokens(
  parts: { readonly models: Models; readonly spokes: () => readonly SpokeRuntime[] },
  request: ChatRequest,
  signal: AbortSignal,
): Promise<number> {
  const spoke = parts.spokes().find(({ config }) => config.id === request.model);
  const estimate = estimateTokens(request);
  if (spoke === undefined || !isAtHand(spoke)) return estimate;
  if (estimate > CLEARLY_MORE * spoke.gate.contextLength) return estimate;
  const options = { signal, onProgress: () => undefined };
  const lease = await parts.models.acquire(spoke.config.model, options);
  try {
    const { contextLength } = spoke.gate;
    const asked = buildModelRequest(spoke.config, request, { contextLength });
    return (await lease.model.doCount?.(asked, { signal })) ?? estimate;
  } finally {
    lease.release();
  }
}

/** What a grounded spoke reads is only known once it was searched for. */
function isAtHand({ gate }: SpokeRuntime): boolean {
  return gate.destination === 'local' && gate.kind === 'chat' && gate.resident;
}
