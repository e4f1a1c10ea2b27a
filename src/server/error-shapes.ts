import type { Dialect } from '../core/chat.ts';
import { type CadreError, ERROR_TABLE, errorBody } from '../core/errors.ts';

/** The dialect of a path, and so the shape of its errors. */
export function dialectOf(path: string): Dialect {
  if (path === '/v1/messages' || path.startsWith('/v1/messages/')) return 'anthropic';
  return path.startsWith('/api/') ? 'ollama' : 'openai';
}

/** The body of an error as the dialect's clients read it. */
export function printError(dialect: Dialect, error: CadreError, id: string): unknown {
  const body = errorBody(error);
  switch (dialect) {
    case 'anthropic':
      return {
        type: 'error',
        error: { type: anthropicType(error), message: body.error.message },
        request_id: id,
      };
    case 'ollama':
      return { error: body.error.message };
    case 'openai':
      return body;
  }
}

/** Anthropic names errors by what the status means. */
function anthropicType(error: CadreError): string {
  if (error.status === 413) return 'request_too_large';
  if (error.status === 503) return 'overloaded_error';
  if (error.status === 504) return 'timeout_error';
  const { type } = ERROR_TABLE[error.code];
  return type === 'server_error' ? 'api_error' : type;
}
