import type { CacheWrites, FinishReason, TokenUsage } from '../../core/chat.ts';
import type { ModelEvent } from '../../core/ports.ts';
import { asCount, asFields, asText, type Fields, parseFields } from './remote-answer.ts';
import { streamError } from './remote-error.ts';
import type { RemoteReader } from './remote-stream.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
};

/** Reads the events of one streamed message and remembers how it ended. */
export class AnthropicEvents implements RemoteReader {
  finishReason: FinishReason | undefined;
  closed = false;
  stopSequence: string | undefined;
  #promptTokens = 0;
  #cachedTokens = 0;
  #cacheWrites: CacheWrites | undefined;
  #completionTokens = 0;
  /** Content block → its index among the tool calls and, until a delta comes, the input it began with. */
  readonly #tools = new Map<number, { readonly index: number; input: string | undefined }>();
  readonly #answersByTool: boolean;
  readonly #destination: string;
  readonly #key: string | undefined;

  constructor(options: {
    readonly answersByTool: boolean;
    readonly destination: string;
    readonly key: string | undefined;
  }) {
    this.#answersByTool = options.answersByTool;
    this.#destination = options.destination;
    this.#key = options.key;
  }

  get complete(): boolean {
    return this.finishReason !== undefined;
  }

  get usage(): TokenUsage {
    return {
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      ...(this.#cacheWrites === undefined ? {} : { cacheWrites: this.#cacheWrites }),
      completionTokens: this.#completionTokens,
    };
  }

  read(data: string): ModelEvent[] {
    const fields = parseFields(data, this.#destination);
    switch (fields['type']) {
      case 'message_start':
        this.#readUsage(asFields(asFields(fields['message'])?.['usage']));
        return [];
      case 'content_block_start':
        return this.#readBlockStart(
          asCount(fields['index']) ?? 0,
          asFields(fields['content_block']),
        );
      case 'content_block_delta':
        return this.#readDelta(asCount(fields['index']) ?? 0, asFields(fields['delta']));
      case 'message_delta':
        this.#readUsage(asFields(fields['usage']));
        this.#readStop(asFields(fields['delta']));
        return [];
      case 'content_block_stop':
        return this.#readBlockStop(asCount(fields['index']) ?? 0);
      case 'message_stop':
        this.closed = true;
        return [];
      case 'error':
        throw streamError(fields, this.#destination, this.#key);
      default:
        return [];
    }
  }

  #readBlockStart(block: number, content: Fields | undefined): ModelEvent[] {
    switch (content?.['type']) {
      case 'text':
        return textEvents('text', asText(content['text']));
      case 'thinking':
        return textEvents('thinking', asText(content['thinking']));
      case 'redacted_thinking':
        return [{ type: 'thinking', text: '', redacted: asText(content['data']) ?? '' }];
      case 'tool_use':
        return this.#readToolStart(block, content);
      default:
        return [];
    }
  }

  #readToolStart(block: number, content: Fields): ModelEvent[] {
    const index = this.#tools.size;
    this.#tools.set(block, { index, input: JSON.stringify(asFields(content['input']) ?? {}) });
    if (this.#answersByTool) return [];
    const id = asText(content['id']) ?? `call_${index}`;
    return [{ type: 'tool-call', index, id, name: asText(content['name']) ?? '', arguments: '' }];
  }

  /** A call without arguments, or whose arguments came at once, has no delta. */
  #readBlockStop(block: number): ModelEvent[] {
    const tool = this.#tools.get(block);
    if (tool?.input === undefined) return [];
    const { index, input } = tool;
    tool.input = undefined;
    if (this.#answersByTool) return [{ type: 'text', text: input }];
    return [{ type: 'tool-call', index, arguments: input }];
  }

  #readDelta(block: number, delta: Fields | undefined): ModelEvent[] {
    switch (delta?.['type']) {
      case 'text_delta':
        return textEvents('text', asText(delta['text']));
      case 'thinking_delta':
        return textEvents('thinking', asText(delta['thinking']));
      case 'signature_delta':
        return [{ type: 'thinking', text: '', signature: asText(delta['signature']) ?? '' }];
      default:
        return this.#readArguments(block, asText(delta?.['partial_json']) ?? '');
    }
  }

  #readArguments(block: number, json: string): ModelEvent[] {
    const tool = this.#tools.get(block);
    if (json === '' || tool === undefined) return [];
    tool.input = undefined;
    if (this.#answersByTool) return [{ type: 'text', text: json }];
    return [{ type: 'tool-call', index: tool.index, arguments: json }];
  }

  #readStop(delta: Fields | undefined): void {
    const reason = asText(delta?.['stop_reason']);
    if (reason === undefined) return;
    this.stopSequence = asText(delta?.['stop_sequence']);
    const finish = FINISH_REASONS[reason] ?? 'stop';
    this.finishReason = finish === 'tool-calls' && this.#answersByTool ? 'stop' : finish;
  }

  /** `input_tokens` counts only what no cache served or wrote. */
  #readUsage(usage: Fields | undefined): void {
    const input = asCount(usage?.['input_tokens']);
    if (input !== undefined) {
      this.#cachedTokens = asCount(usage?.['cache_read_input_tokens']) ?? 0;
      const written = asCount(usage?.['cache_creation_input_tokens']) ?? 0;
      this.#promptTokens = input + this.#cachedTokens + written;
      this.#cacheWrites =
        written === 0 ? undefined : splitWrites(written, asFields(usage?.['cache_creation']));
    }
    this.#completionTokens = asCount(usage?.['output_tokens']) ?? this.#completionTokens;
  }
}

/** Where the server does not say how long it keeps them, five minutes are its default. */
function splitWrites(written: number, split: Fields | undefined): CacheWrites {
  const hour = Math.min(written, asCount(split?.['ephemeral_1h_input_tokens']) ?? 0);
  return { fiveMinutes: written - hour, hour };
}

function textEvents(type: 'text' | 'thinking', text = ''): ModelEvent[] {
  return text === '' ? [] : [{ type, text }];
}
