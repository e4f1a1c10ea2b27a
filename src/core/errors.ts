import { ERROR_TABLE, type ErrorCode } from './error-table.ts';
import type { Fault } from './fault.ts';

export { ERROR_TABLE, type ErrorCode } from './error-table.ts';

export interface ErrorDetails {
  /** The field, flag or key at fault, e.g. `messages[2].content`. */
  readonly param?: string;
  /** Seconds a caller should wait, for retryable errors. */
  readonly retryAfter?: number;
  /** What went wrong with a remote model; absent for all other errors. */
  readonly fault?: Fault;
  readonly cause?: unknown;
}

/** The one error class of the house. The message says what and where; the table says what to do. */
export class CadreError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfter: number | undefined;
  readonly fault: Fault | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CadreError';
    this.code = code;
    this.param = details.param;
    this.retryAfter = details.retryAfter;
    this.fault = details.fault;
  }

  get status(): number {
    return ERROR_TABLE[this.code].status;
  }

  get hint(): string {
    return ERROR_TABLE[this.code].hint;
  }

  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable;
  }
}

/** Any thrown value as a CadreError; aborts become `cancelled`, strangers become `internal`. */
export function toCadreError(thrown: unknown): CadreError {
  if (thrown instanceof CadreError) return thrown;
  if (thrown instanceof Error) {
    if (thrown.name === 'AbortError')
      return new CadreError('cancelled', 'the request was cancelled');
    if (thrown.name === 'TimeoutError')
      return new CadreError('deadline_exceeded', 'the deadline passed');
    return new CadreError('internal', thrown.message, { cause: thrown });
  }
  return new CadreError('internal', String(thrown));
}

/** The body of an error in OpenAI's shape. */
export function errorBody(error: CadreError) {
  return {
    error: {
      message: `${error.message}${/[.?!]$/.test(error.message) ? '' : '.'} ${error.hint}`,
      type: ERROR_TABLE[error.code].type,
      code: error.code,
      param: error.param ?? null,
    },
  };
}
