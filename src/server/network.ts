import type { IncomingMessage } from 'node:http';
import { CadreError } from '../core/errors.ts';

const LOOPBACK_NAME = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** True for addresses of this machine, also as IPv4 within IPv6. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}

/**
 * True when a `Host` header (or an origin's host) names this farm: a loopback name with our port or
 * none (some proxies leave it out), or an allowed host. A foreign name that resolves to 127.0.0.1 (DNS rebinding) is not ours.
 */
export function isOurHost(
  host: string,
  ours: { readonly port: number; readonly allowedHosts: readonly string[] },
): boolean {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(host.toLowerCase());
  if (match === null) return false;
  const [, name = '', port] = match;
  if (LOOPBACK_NAME.test(name)) return port === undefined || Number(port) === ours.port;
  return ours.allowedHosts.some((allowed) => {
    const lower = allowed.toLowerCase();
    return lower === name || lower === host.toLowerCase();
  });
}

/**
 * The rules for callers without a key: this machine only, by a name of this machine, and no page of
 * another origin. Rejects with `origin_refused`.
 */
export function requireOwnMachine(
  incoming: IncomingMessage,
  ours: { readonly port: number; readonly allowedHosts: readonly string[] },
): void {
  const { headers, socket } = incoming;
  if (!isLoopbackAddress(socket.remoteAddress))
    throw refused('a caller of another machine needs a key');
  if (headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined)
    throw refused('a request that a proxy forwards needs a key');
  const host = headers.host ?? '';
  if (!isOurHost(host, ours))
    throw refused(`the host “${host.slice(0, 100)}” is not a name of this farm`);
  requireOwnPage(incoming, ours);
}

/** A page may call only the farm that served it. Programs send neither header. */
export function requireOwnPage(
  incoming: IncomingMessage,
  ours: { readonly port: number; readonly allowedHosts: readonly string[] },
): void {
  const { origin, host } = incoming.headers;
  const site = incoming.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site')
    throw refused('the request comes from a page of another site');
  if (origin === undefined) return;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (isHttp && (url.host === host || isOurOrigin(url, ours))) return;
  throw refused(`the origin “${origin.slice(0, 100)}” is not this farm's`);
}

/** An origin that names no port means that of its scheme, where another program may serve pages. */
function isOurOrigin(
  url: URL,
  ours: { readonly port: number; readonly allowedHosts: readonly string[] },
): boolean {
  const isLoopback = LOOPBACK_NAME.test(url.hostname);
  const host =
    isLoopback && url.port === ''
      ? `${url.host}:${url.protocol === 'https:' ? 443 : 80}`
      : url.host;
  return isOurHost(host, ours);
}

/**
 * True for what no page can have sent: browsers put an origin or a `Sec-Fetch-…` header on every
 * write of a page, a form's too, and a rebound name shows in the host.
 */
export function isFromProgram(
  { headers }: IncomingMessage,
  ours: { readonly port: number; readonly allowedHosts: readonly string[] },
): boolean {
  const isMarked =
    headers.origin !== undefined ||
    headers.referer !== undefined ||
    Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
  return !isMarked && isOurHost(headers.host ?? '', ours);
}

function refused(message: string): CadreError {
  return new CadreError('origin_refused', message);
}
