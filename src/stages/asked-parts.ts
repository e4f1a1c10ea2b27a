import { type ChatRequest, textPart } from '../core/chat.ts';
import type { ReadingPart } from '../core/reading.ts';
import { answerableParts } from '../verify/answered-parts.ts';

/**
 * The request with only those parts of its question that the documents speak of: a small model that
 * is asked for what is not there declines the rest too. The others are told as not said.
 */
export function askedRequest(
  request: ChatRequest,
  parts: readonly ReadingPart[] = [],
): ChatRequest {
  const question = answerableParts(parts);
  const last = request.messages.findLastIndex((one) => one.role === 'user');
  const message = request.messages[last];
  if (question === undefined || message === undefined) return request;
  return {
    ...request,
    messages: request.messages.with(last, { ...message, content: textPart(question) }),
  };
}
