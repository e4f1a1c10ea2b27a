import type { FinishReason, TokenUsage } from '../../core/chat.ts';
import type { Citation } from '../../core/evidence.ts';

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
};

/** `stop_reason` and `stop_sequence` of an answer. */
export function wireStop(reason: FinishReason, sequence: string | undefined) {
  return reason === 'stop' && sequence !== undefined
    ? { stop_reason: 'stop_sequence', stop_sequence: sequence }
    : { stop_reason: STOP_REASONS[reason], stop_sequence: null };
}

/** The dialect counts what came from a kept prefix, and what is kept from now on, apart from what was read. */
export function wireUsage({
  promptTokens,
  cachedTokens,
  cacheWrites,
  completionTokens,
}: TokenUsage) {
  const { fiveMinutes, hour } = cacheWrites ?? { fiveMinutes: 0, hour: 0 };
  const written = fiveMinutes + hour;
  return {
    input_tokens: Math.max(0, promptTokens - cachedTokens - written),
    cache_creation_input_tokens: written,
    ...(written === 0
      ? {}
      : {
          cache_creation: {
            ephemeral_5m_input_tokens: fiveMinutes,
            ephemeral_1h_input_tokens: hour,
          },
        }),
    cache_read_input_tokens: cachedTokens,
    output_tokens: completionTokens,
  };
}

/**
 * The dialect's citation of a place in a document, by page where it has pages, else by characters;
 * documents are numbered as they are first cited.
 */
export function wireCitation({ sentence }: Citation, documentIndex: number) {
  const document = {
    cited_text: sentence.text,
    document_index: documentIndex,
    document_title: sentence.title ?? sentence.path,
    file_id: null,
  };
  return sentence.page === undefined
    ? {
        type: 'char_location' as const,
        ...document,
        start_char_index: sentence.start,
        end_char_index: sentence.end,
      }
    : {
        type: 'page_location' as const,
        ...document,
        start_page_number: sentence.page,
        // Exclusive, as the dialect counts.
        end_page_number: sentence.page + 1,
      };
}

export type WireCitation = ReturnType<typeof wireCitation>;
