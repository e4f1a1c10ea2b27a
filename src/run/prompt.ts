import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type ResponseFormat,
  textOf,
  textPart,
} from '../core/chat.ts';
import type { SpokeConfig } from '../core/config-parts.ts';
import type { Passage } from '../core/evidence.ts';
import type { ModelRequest } from '../core/ports.ts';
import { groundedMessages } from './grounded-prompt.ts';

export interface PromptOptions {
  /** Evidence for a grounded spoke; ignored by the others. */
  readonly passages?: readonly Passage[];
  /** Tokens that prompt and answer may take together. */
  readonly contextLength: number;
  /** The messages are the whole prompt. */
  readonly bare?: boolean;
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
    : options.bare === true
      ? request.messages
      : withSystem(spoke, request.messages);
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
    ...(request.responseFormat?.type === 'json-schema'
      ? { schemaWire: schemaWireOf(request.responseFormat) }
      : {}),
    sampling: samplingOf(spoke, request),
    maxTokens: Math.max(
      1,
      Math.min(
        request.maxTokens ?? spoke.maxTokens,
        Math.floor(options.contextLength * ANSWER_SHARE),
      ),
    ),
    // What a calculation writes is not the answer that the sequences are to end.
    ...(request.stop && request.stop.length > 0 && spoke.output !== 'calculation'
      ? { stop: request.stop }
      : {}),
    ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
    ...(request.extra ? { extra: request.extra } : {}),
    ...(request.betas ? { betas: request.betas } : {}),
    ...(request.dialect ? { dialect: request.dialect } : {}),
  };
}

/**
 * The spoke's system prompt comes first, then its demonstrations: always the same, so that their
 * prefix stays in the model's memory. A caller with instructions of his own is not shown other ones'
 * turns; his system messages follow in the same message, because many chat templates take only one.
 */
function withSystem(
  { system, demonstrations = [] }: SpokeConfig,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  const own: readonly ContentPart[] = system ? textPart(system) : [];
  const first = messages.findIndex((message) => message.role !== 'system');
  const rest = first < 0 ? [] : messages.slice(first);
  const callers = first < 0 ? messages : messages.slice(0, first);
  const shown = callers.length > 0 ? [] : demonstrations.flatMap(demonstrationTurns);
  const parts = [...own, ...callers.flatMap((message) => message.content)];
  // A part with fields of its own stays a part, for the remote server that knows them.
  const content = parts.some((part) => part.type === 'text' && part.extra !== undefined)
    ? parts
    : textPart([system ?? '', ...callers.map(contentText)].filter(Boolean).join('\n\n'));
  const turns = [...shown, ...rest];
  return textOf(content) === '' ? turns : [{ role: 'system', content }, ...turns];
}

function demonstrationTurns({ user, assistant }: { user: string; assistant: string }) {
  return [
    { role: 'user', content: textPart(user) },
    { role: 'assistant', content: textPart(assistant) },
  ] as const;
}

function contentText(message: ChatMessage): string {
  return textOf(message.content);
}

function schemaWireOf({
  name,
  extra,
}: Extract<ResponseFormat, { type: 'json-schema' }>): NonNullable<ModelRequest['schemaWire']> {
  return extra === undefined ? { name } : { name, extra };
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
