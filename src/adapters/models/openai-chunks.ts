import type { FinishReason, JsonObject, TokenLogprob, TokenUsage } from '../../core/chat.ts';
import type { ModelEvent } from '../../core/ports.ts';
import { asCount, asFields, asList, asText, type Fields, parseFields } from './remote-answer.ts';
import { streamError } from './remote-error.ts';
import { cutShort, type RemoteReader } from './remote-stream.ts';

/** More calls in one answer than any model makes: a broken server. */
const MAX_TOOL_CALLS = 128;

const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function']);

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

/** Reads chunks of one streamed answer (or one whole answer) and remembers how it ended. */
export class OpenAiChunks implements RemoteReader {
  closed = false;
  finishReason: FinishReason | undefined;
  /** vLLM names the stop sequence that it met. */
  stopSequence: string | undefined;
  usage: TokenUsage | undefined;
  /** llama-server’s own times: those of the answer without the wait for a free slot. */
  times: { readonly promptMs: number; readonly generationMs: number } | undefined;
  /** Chunks that carried text or arguments: about one token each where the server counts nothing. */
  deltaCount = 0;
  readonly #toolIds: string[] = [];
  readonly #destination: string;
  readonly #key: string | undefined;

  constructor(destination: string, key: string | undefined) {
    this.#destination = destination;
    this.#key = key;
  }

  get complete(): boolean {
    return this.finishReason !== undefined;
  }

  /** One chunk (`delta`) or one answer (`message`). An end mark alone says nothing of the answer. */
  read(data: string): ModelEvent[] {
    if (data === '[DONE]') {
      this.closed = true;
      return [];
    }
    return this.readFields(parseFields(data, this.#destination));
  }

  /** As `read`, of what was parsed already. */
  readFields(fields: Fields): ModelEvent[] {
    if (fields['error']) throw streamError(fields, this.#destination, this.#key);
    this.#readUsage(asFields(fields['usage']));
    this.#readTimes(asFields(fields['timings']));
    const choice = asFields(asList(fields['choices'])[0]);
    if (choice === undefined) return [];
    const events: ModelEvent[] = [];
    const message = asFields(choice['message']);
    const delta = asFields(choice['delta']) ?? message;
    // Two names for the same: DeepSeek's and vLLM's older one, and OpenRouter's and vLLM's newer one.
    const thought = asText(delta?.['reasoning_content']) || asText(delta?.['reasoning']) || '';
    if (thought !== '') events.push({ type: 'thinking', text: thought });
    const text = asText(delta?.['content']) ?? '';
    const logprobs = readLogprobs(choice['logprobs']);
    if (text !== '' || logprobs !== undefined)
      events.push(
        logprobs === undefined ? { type: 'text', text } : { type: 'text', text, logprobs },
      );
    const refusal = asText(delta?.['refusal']) ?? '';
    if (refusal !== '') events.push({ type: 'refusal', text: refusal });
    for (const call of asList(delta?.['tool_calls'])) {
      const event = this.#readToolCall(asFields(call) ?? {});
      if (event !== undefined) events.push(event);
    }
    if (events.length > 0) this.deltaCount += 1;
    const reason = asText(choice['finish_reason']);
    // Some routers say so where the model behind them broke off.
    // vLLM ends so what it was told to drop, as when it is put to sleep.
    if (reason === 'abort') throw cutShort(this.#destination);
    if (reason === 'error') throw streamError(choice, this.#destination, this.#key);
    if (reason !== undefined) this.finishReason = FINISH_REASONS[reason] ?? 'stop';
    // A message that came at once is whole, also from servers that give no reason.
    else if (message !== undefined) this.finishReason = 'stop';
    this.stopSequence = asText(choice['stop_reason']) ?? this.stopSequence;
    return events;
  }

  #readUsage(usage: Fields | undefined): void {
    const promptTokens = asCount(usage?.['prompt_tokens']);
    if (promptTokens === undefined) return;
    const details = asFields(usage?.['prompt_tokens_details']);
    const cachedTokens = Math.min(promptTokens, asCount(details?.['cached_tokens']) ?? 0);
    const completionTokens = asCount(usage?.['completion_tokens']) ?? 0;
    const told = asCount(asFields(usage?.['completion_tokens_details'])?.['reasoning_tokens']);
    const reasoning =
      told === undefined ? {} : { reasoningTokens: Math.min(told, completionTokens) };
    this.usage = { promptTokens, cachedTokens, completionTokens, ...reasoning };
  }

  #readTimes(timings: Fields | undefined): void {
    const promptMs = timings?.['prompt_ms'];
    const generationMs = timings?.['predicted_ms'];
    if (typeof promptMs === 'number' && typeof generationMs === 'number')
      this.times = { promptMs: Math.max(0, promptMs), generationMs: Math.max(0, generationMs) };
  }

  /** Some servers leave `index` out and begin a new call with a new id. */
  #readToolCall(call: Fields): ModelEvent | undefined {
    const id = asText(call['id']);
    const index = asCount(call['index']) ?? this.#indexOfId(id);
    if (index >= MAX_TOOL_CALLS) return undefined;
    const isFirst = this.#toolIds[index] === undefined;
    if (isFirst) this.#toolIds[index] = id ?? '';
    const spoken = asFields(call['function']);
    const name = asText(spoken?.['name']);
    return {
      type: 'tool-call',
      index,
      ...(isFirst && id !== undefined ? { id } : {}),
      ...(isFirst && name !== undefined ? { name } : {}),
      arguments: asText(spoken?.['arguments']) ?? '',
      ...unknownFields(call),
    };
  }

  #indexOfId(id: string | undefined): number {
    const known = id === undefined ? this.#toolIds.length - 1 : this.#toolIds.indexOf(id);
    return known >= 0 ? known : this.#toolIds.length;
  }
}

/** What the house does not know of a call goes to the caller as it is. */
function unknownFields(call: Fields): { readonly extra?: JsonObject } {
  const unknown = Object.entries(call).filter(([name]) => !CALL_FIELDS.has(name));
  return unknown.length === 0 ? {} : { extra: Object.fromEntries(unknown) as JsonObject };
}

/** Of a list `content` of tokens, each with its alternatives. */
export function readLogprobs(value: unknown): TokenLogprob[] | undefined {
  const content = asFields(value)?.['content'];
  if (!Array.isArray(content)) return undefined;
  const tokens = content.flatMap((entry) => {
    const token = readToken(entry);
    if (token === undefined) return [];
    const top = asList(asFields(entry)?.['top_logprobs']).flatMap((one) => readToken(one) ?? []);
    return [top.length === 0 ? token : { ...token, top }];
  });
  return tokens.length === 0 ? undefined : tokens;
}

function readToken(value: unknown): { token: string; logprob: number } | undefined {
  const token = asText(asFields(value)?.['token']);
  const logprob = asFields(value)?.['logprob'];
  if (token === undefined || typeof logprob !== 'number' || Number.isNaN(logprob)) return undefined;
  return { token, logprob: Math.min(0, logprob) };
}
