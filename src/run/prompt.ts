import { type ChatMessage, type ChatRequest, textOf, textPart } from '../core/chat.ts';
import type { SpokeConfig } from '../core/config-parts.ts';
import type { Passage } from '../core/evidence.ts';
import type { ModelRequest } from '../core/ports.ts';
import { groundedMessages } from './grounded-prompt.ts';

export interface PromptOptions {
  /** Evidence for a grounded spoke; ignored by the others. */
  readonly passages?: readonly Passage[];
  /** Tokens that prompt and answer may take together. */
  readonly contextLength: number;
}

/** The answer never takes more of the context than this, so that the prompt keeps room. */
const ANSWER_SHARE = 0.5;

/** What a spoke's model is asked: its own words, the caller's messages, its defaults. */
export function buildModelRequest(
  spoke: SpokeConfig,
  request: ChatRequest,
  options: PromptOptions,
): ModelRequest {
  const isGrounded = spoke.kind === 'grounded';
  const messages = isGrounded
    ? groundedMessages(request.messages, options.passages ?? [], spoke.system)
    : withSystem(spoke.system, request.messages);
  const jsonSchema = jsonSchemaOf(spoke, request);
  const takesTools = spoke.tools && !isGrounded && (request.tools?.length ?? 0) > 0;
  return {
    messages,
    ...(takesTools && request.tools ? { tools: request.tools } : {}),
    ...(takesTools && request.toolChoice ? { toolChoice: request.toolChoice } : {}),
    ...(takesTools && request.parallelToolCalls !== undefined
      ? { parallelToolCalls: request.parallelToolCalls }
      : {}),
    ...(jsonSchema === undefined ? {} : { jsonSchema }),
    sampling: samplingOf(spoke, request),
    maxTokens: Math.max(
      1,
      Math.min(
        request.maxTokens ?? spoke.maxTokens,
        Math.floor(options.contextLength * ANSWER_SHARE),
      ),
    ),
    ...(request.stop && request.stop.length > 0 ? { stop: request.stop } : {}),
    ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
    ...(request.extra ? { extra: request.extra } : {}),
    ...(request.dialect ? { dialect: request.dialect } : {}),
  };
}

/**
 * The spoke's system prompt comes first and is always the same, so that its prefix stays in the
 * model's memory; the caller's system messages follow in the same message, because many chat
 * templates take only one.
 */
function withSystem(
  system: string | undefined,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  const leading: string[] = system ? [system] : [];
  let index = 0;
  for (const message of messages) {
    if (message.role !== 'system') break;
    const text = textOf(message.content);
    if (text !== '') leading.push(text);
    index += 1;
  }
  const rest = messages.slice(index);
  return leading.length === 0
    ? rest
    : [{ role: 'system', content: textPart(leading.join('\n\n')) }, ...rest];
}

function jsonSchemaOf(spoke: SpokeConfig, request: ChatRequest): ModelRequest['jsonSchema'] {
  const format = request.responseFormat;
  if (format?.type === 'json-schema') return format.schema;
  if (format?.type === 'json') return true;
  return spoke.output === 'json' && format === undefined ? true : undefined;
}

/** The caller's values win; what he leaves open is the spoke's. */
function samplingOf(spoke: SpokeConfig, request: ChatRequest): ModelRequest['sampling'] {
  const { temperature, topP, topK, seed } = spoke.sampling;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed === undefined ? {} : { seed }),
    ...request.sampling,
  };
}
