/**
 * The words of a conversation. Every wire format (OpenAI, Anthropic, Ollama) is parsed into these
 * types at the border; inside the house nothing else is spoken.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Wire fields that the house does not know; only a remote spoke of the request's own dialect gets them. */
interface Extra {
  readonly extra?: JsonObject;
}

export type ContentPart =
  | ({ readonly type: 'text'; readonly text: string } & Extra)
  /** `url` is a data: URL; the house never fetches a URL that a caller chose. */
  | ({ readonly type: 'image'; readonly url: string; readonly detail?: string } & Extra)
  /** `data` is base64. */
  | ({ readonly type: 'audio'; readonly data: string; readonly format: string } & Extra)
  /**
   * What an assistant thought before it spoke; never part of the answer. `signature` is the vendor's
   * own proof of origin, handed back to it unchanged; `redacted` is thought that only the vendor can
   * read (`text` is then empty).
   */
  | {
      readonly type: 'thinking';
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
    };

export interface ToolCall extends Extra {
  readonly id: string;
  readonly name: string;
  /** JSON text exactly as the model wrote it; it may be invalid JSON. */
  readonly arguments: string;
}

export type ChatMessage = Extra &
  (
    | { readonly role: 'system' | 'user'; readonly content: readonly ContentPart[] }
    | {
        readonly role: 'assistant';
        readonly content: readonly ContentPart[];
        readonly toolCalls?: readonly ToolCall[];
      }
    | {
        readonly role: 'tool';
        readonly toolCallId: string;
        readonly content: readonly ContentPart[];
        /** The tool failed; the content says how. */
        readonly isError?: boolean;
      }
  );

export interface ToolDefinition extends Extra {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments object. */
  readonly parameters?: JsonObject;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | ({ readonly type: 'json-schema'; readonly name: string; readonly schema: JsonObject } & Extra);

export interface Sampling {
  /** 0 … 2; 0 is greedy. */
  readonly temperature?: number;
  /** (0, 1]. */
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  /** −2 … 2. */
  readonly presencePenalty?: number;
  /** −2 … 2. */
  readonly frequencyPenalty?: number;
}

/** The wire formats that the house speaks, towards callers and towards remote servers. */
export type Dialect = 'openai' | 'anthropic' | 'ollama';

/** What a caller asks for, whatever wire format it came in. */
export interface ChatRequest {
  /** A virtual model (`auto`, `auto:cheap`, `auto:best`, `knowledge:NAME`, `hub`) or a spoke's id. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** False = at most one tool call per answer; absent = the spoke decides. */
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly sampling: Sampling;
  /** Most tokens to generate per choice. */
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  /** How many independent answers; 1 when absent. */
  readonly choiceCount?: number;
  /** Alternatives per token to report, 0 … 20; absent = no log-probabilities. */
  readonly logprobs?: number;
  /** Wire fields that the house does not know, for a remote spoke of the same dialect. */
  readonly extra?: JsonObject;
  /** Anthropic's test features that the caller asks for, for a remote spoke of that dialect. */
  readonly betas?: readonly string[];
  /** The dialect that the request came in, and so that of `extra`; `openai` when absent. */
  readonly dialect?: Dialect;
}

/** Tokens by how long the vendor keeps them. */
export interface CacheWrites {
  readonly fiveMinutes: number;
  readonly hour: number;
}

export interface TokenUsage {
  readonly promptTokens: number;
  /** Part of promptTokens that came from a kept prefix: no work here, a price of their own at a vendor. */
  readonly cachedTokens: number;
  /** Parts of promptTokens that the vendor wrote into its cache; absent where it tells of none. */
  readonly cacheWrites?: CacheWrites;
  readonly completionTokens: number;
  /** Part of completionTokens that was thought; absent where the model does not tell it apart. */
  readonly reasoningTokens?: number;
}

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const isTold = a.reasoningTokens !== undefined || b.reasoningTokens !== undefined;
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    ...writesOf(a.cacheWrites, b.cacheWrites),
    completionTokens: a.completionTokens + b.completionTokens,
    ...(isTold ? { reasoningTokens: (a.reasoningTokens ?? 0) + (b.reasoningTokens ?? 0) } : {}),
  };
}

function writesOf(
  a: CacheWrites | undefined,
  b: CacheWrites | undefined,
): { readonly cacheWrites?: CacheWrites } {
  if (a === undefined || b === undefined) {
    const cacheWrites = a ?? b;
    return cacheWrites === undefined ? {} : { cacheWrites };
  }
  const fiveMinutes = a.fiveMinutes + b.fiveMinutes;
  return { cacheWrites: { fiveMinutes, hour: a.hour + b.hour } };
}

export interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm of the probability, ≤ 0. */
  readonly logprob: number;
  readonly top?: readonly { readonly token: string; readonly logprob: number }[];
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter';

/**
 * True when the last message is the beginning of the answer, to be continued and not repeated: so it
 * is in Anthropic's dialect and in Ollama's; in OpenAI's a new answer follows an old one.
 */
export function continuesAnswer({
  messages,
  dialect = 'openai',
}: Pick<ChatRequest, 'messages' | 'dialect'>): boolean {
  const last = messages.at(-1);
  return dialect !== 'openai' && last?.role === 'assistant' && !last.toolCalls?.length;
}

/** The text parts of a message, joined. */
export function textOf(content: readonly ContentPart[]): string {
  let text = '';
  for (const part of content) if (part.type === 'text') text += part.text;
  return text;
}

export function textPart(text: string): readonly ContentPart[] {
  return [{ type: 'text', text }];
}

/** The text of the last user message, '' when there is none. */
export function lastUserText(messages: readonly ChatMessage[]): string {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role === 'user') return textOf(message.content);
  }
  return '';
}
