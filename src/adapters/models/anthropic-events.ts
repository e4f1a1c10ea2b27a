import type { FinishReason, TokenUsage } from '../../core/chat.ts';
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
  #promptTokens = 0;
  #cachedTokens = 0;
  #completionTokens = 0;
  /** Content block → index among the tool calls. */
  readonly #toolIndexes = new Map<number, number>();
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
        this.#readStop(asText(asFields(fields['delta'])?.['stop_reason']));
        return [];
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
    const text = asText(content?.['text']) ?? '';
    if (content?.['type'] === 'text') return text === '' ? [] : [{ type: 'text', text }];
    if (content?.['type'] !== 'tool_use') return [];
    const index = this.#toolIndexes.size;
    this.#toolIndexes.set(block, index);
    if (this.#answersByTool) return [];
    const id = asText(content['id']) ?? `call_${index}`;
    return [{ type: 'tool-call', index, id, name: asText(content['name']) ?? '', arguments: '' }];
  }

  #readDelta(block: number, delta: Fields | undefined): ModelEvent[] {
    const text = asText(delta?.['text']) ?? '';
    if (delta?.['type'] === 'text_delta') return text === '' ? [] : [{ type: 'text', text }];
    const json = asText(delta?.['partial_json']) ?? '';
    const index = this.#toolIndexes.get(block);
    if (json === '' || index === undefined) return [];
    if (this.#answersByTool) return [{ type: 'text', text: json }];
    return [{ type: 'tool-call', index, arguments: json }];
  }

  #readStop(reason: string | undefined): void {
    if (reason === undefined) return;
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
    }
    this.#completionTokens = asCount(usage?.['output_tokens']) ?? this.#completionTokens;
  }
}
