import type { Dispatcher } from 'undici';
import { CadreError } from '../../core/errors.ts';
import { type ExchangeResponse, exchange } from './exchange.ts';

const MAX_REDIRECTS = 5;
/** A file server that is silent this long is skipped for the next source. */
const SILENCE_MS = 30_000;
const TOTAL_MS = 24 * 3_600_000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Fetches a file that an operator's lockfile names: GET with an optional byte range, following up to
 * five redirects, all over https (plain http only to and from this machine). Rejects with
 * `source_failed`, `upstream_failed`, `upstream_timeout`, or `egress_refused` when offline. A status
 * other than 200 and 206 is the caller's to judge.
 */
export type Download = (
  url: string,
  options: {
    /** What errors call the other side, e.g. `registry:hf`. */
    readonly destination: string;
    /** First byte wanted; 0 or absent = all. */
    readonly rangeStart?: number;
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}>;

export function createDownload(host: {
  readonly dispatcher: Dispatcher;
  readonly offline: boolean;
}): Download {
  return async (url, options) => {
    if (host.offline)
      throw new CadreError('egress_refused', `${options.destination}: the farm is offline`);
    let target = checkedUrl(url, undefined, options.destination);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await fetchOnce(host.dispatcher, target, options);
      const location = response.headers['location'];
      if (response.status < 300 || response.status >= 400 || location === undefined)
        return { status: response.status, headers: { ...response.headers }, body: response.body };
      response.body.finish();
      target = checkedUrl(location, target, options.destination);
    }
    throw new CadreError('source_failed', `${options.destination} redirects in a circle`);
  };
}

function fetchOnce(
  dispatcher: Dispatcher,
  target: URL,
  options: Parameters<Download>[1],
): Promise<ExchangeResponse> {
  const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity' };
  if (options.rangeStart) headers['range'] = `bytes=${options.rangeStart}-`;
  return exchange({
    dispatcher,
    origin: target.origin,
    path: target.pathname + target.search,
    method: 'GET',
    headers,
    name: options.destination,
    signal: options.signal,
    firstByteMs: SILENCE_MS,
    betweenBytesMs: SILENCE_MS,
    totalMs: TOTAL_MS,
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
}

/** https anywhere; http only on this machine, and never reached by a redirect from elsewhere. */
export function checkedUrl(text: string, from: URL | undefined, destination: string): URL {
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (url?.protocol === 'https:' && url.username === '') return url;
  const local = (one: URL | undefined) => one !== undefined && LOOPBACK.has(one.hostname);
  if (url?.protocol === 'http:' && local(url) && (from === undefined || local(from))) return url;
  throw new CadreError(
    'source_failed',
    `${destination} ${from === undefined ? 'names' : 'redirects to'} an address that is not https`,
  );
}
