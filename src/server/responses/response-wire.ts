import type { FinishReason, JsonObject, TokenUsage } from '../../core/chat.ts';
import type { CadreError } from '../../core/errors.ts';
import type { Citation, DocumentEdition } from '../../core/evidence.ts';
import { uploadedFileOf } from '../../core/vector-store.ts';
import type { OutputItem } from './response-items.ts';

export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'incomplete'
  | 'failed'
  | 'cancelled';

/** OpenAI's `response` object; with what the request said, which comes from `ResponseHead.echo`. */
export type WireResponse = {
  readonly id: string;
  readonly object: 'response';
  /** Seconds since the epoch. */
  readonly created_at: number;
  readonly status: ResponseStatus;
  readonly background: boolean;
  readonly completed_at: number | null;
  readonly error: JsonObject | null;
  readonly incomplete_details: JsonObject | null;
  readonly model: string;
  readonly output: readonly OutputItem[];
  readonly usage: JsonObject | null;
  /** The farm's own part; see `cadreSummary`. */
  readonly cadre?: JsonObject;
  readonly [field: string]: JsonObject[string];
};

/** One event of a streamed response. */
export interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
}

export interface ResponseHead {
  readonly id: string;
  readonly createdAt: number;
  readonly model: string;
  readonly background: boolean;
  readonly store: boolean;
  readonly echo: JsonObject;
  /** What earlier answers in its conversation stand on. */
  readonly standsOn: readonly DocumentEdition[];
}

/**
 * `thoughtShare`: share of the shown characters that were thought, for models that do not count
 * their thought apart.
 */
export function wireResponseUsage(usage: TokenUsage, thoughtShare: number): JsonObject {
  const reasoning = usage.reasoningTokens ?? Math.round(usage.completionTokens * thoughtShare);
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.completionTokens,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}

/** Why an answer is not whole; undefined for one that is. */
export function incompleteReason(reason: FinishReason): string | undefined {
  if (reason === 'length') return 'max_output_tokens';
  return reason === 'content-filter' ? 'content_filter' : undefined;
}

/** The dialect's few codes; the message says the rest. */
export function wireResponseError(error: CadreError): JsonObject {
  const code =
    error.status === 429
      ? 'rate_limit_exceeded'
      : error.status >= 400 && error.status < 499
        ? 'invalid_prompt'
        : 'server_error';
  return { code, message: error.message };
}

/** The dialect's annotation of a cited place, with the quoted sentence and where it stands. */
export function wireAnnotation({ sentence, answerStart, answerEnd }: Citation): JsonObject {
  const uploaded = uploadedFileOf(sentence.path);
  return {
    type: 'file_citation',
    file_id: uploaded?.id ?? sentence.documentId,
    filename: uploaded?.filename ?? sentence.path,
    index: answerEnd,
    quote: sentence.text,
    ...(sentence.page === undefined ? {} : { page: sentence.page }),
    ...(sentence.line === undefined ? {} : { line: sentence.line }),
    start_index: answerStart,
    end_index: answerEnd,
  };
}
