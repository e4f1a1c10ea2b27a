import type { Dispatcher } from 'undici';
import { CadreError } from '../../core/errors.ts';
import type { Fault } from '../../core/fault.ts';
import { ResponseBody } from './response-body.ts';

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** What errors call the other side; never its address. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Milliseconds from the call to the first byte of the answer's body. */
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
  readonly totalMs: number;
  readonly maxBytes: number;
}

export interface ExchangeResponse {
  readonly status: number;
  /** Lower-case names; repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ResponseBody;
}

/**
 * One HTTP exchange with four deadlines (connecting is the dispatcher's own). Resolves at the
 * headers; the body is pulled, and the socket is paused while nobody pulls. Rejects with
 * `upstream_timeout` or `upstream_failed`, or with the signal's reason in the tick of the abort.
 */
export function exchange(options: ExchangeOptions): Promise<ExchangeResponse> {
  if (options.signal.aborted) return Promise.reject(options.signal.reason);
  return new Promise((resolve, reject) => {
    let started = false;
    let controller: Dispatcher.DispatchController | undefined;
    const body = new ResponseBody({
      name: options.name,
      signal: options.signal,
      firstByteMs: options.firstByteMs,
      betweenBytesMs: options.betweenBytesMs,
      totalMs: options.totalMs,
      maxBytes: options.maxBytes,
      onFailure: (reason) => {
        controller?.abort(reason instanceof Error ? reason : new Error('aborted'));
        if (!started) reject(reason);
      },
    });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(next) {
        controller = next;
        body.connect(next);
        if (body.failed) next.abort(new Error('aborted'));
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return;
        started = true;
        resolve({ status, headers: flatten(headers), body });
      },
      onResponseData(_controller, chunk) {
        body.push(chunk);
      },
      onResponseEnd() {
        body.end();
      },
      onResponseError(_controller, error) {
        body.fail(networkError(error, options.name, started ? 'cut' : 'unreachable'));
      },
    };
    try {
      options.dispatcher.dispatch(
        {
          origin: options.origin,
          path: options.path,
          method: options.method,
          headers: options.headers,
          body: options.body ?? null,
        },
        handler,
      );
    } catch (error) {
      const refused = error instanceof Error ? error : new Error(String(error));
      body.fail(networkError(refused, options.name, 'unreachable'));
    }
  });
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** The message carries the code only: an address in it would tell callers about the inner network. */
function networkError(error: Error, name: string, fault: Fault): CadreError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const details = { cause: error, fault };
  return TIMEOUTS.has(code)
    ? new CadreError('upstream_timeout', `${name} could not be reached in time (${code})`, details)
    : new CadreError('upstream_failed', `the connection to ${name} failed (${code})`, details);
}
