import { Agent } from 'undici';
import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import { type ExchangeResponse, exchange } from './exchange.ts';

const MAX_REDIRECTS = 5;
const OURS = { 'user-agent': 'cadre', 'accept-encoding': 'gzip' };

export interface DocumentRequest {
  /** Id of a configured destination of the kind `documents`; absent = whichever lies above. */
  readonly destination: string | undefined;
  /** Must lie below the destination's URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Reads documents from servers that the configuration names. Rejects with `egress_refused` for any
 * other address, `source_failed` for too many redirects, or as `exchange` does. Redirects are
 * followed below destinations' URLs only (the named one's, if one is), each with its own key.
 */
export interface DocumentClient {
  get(request: DocumentRequest): Promise<ExchangeResponse & { readonly url: string }>;
  /** Leave for another program to read from the address, with the header that it may need. */
  leave(destination: string | undefined, url: string): { readonly authorization?: string };
  close(): Promise<void>;
}

export function createDocumentClient(options: {
  readonly destinations: readonly DestinationConfig[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly permit: (destination: string) => Permit;
  readonly refusal: (permit: Permit, destination: string) => string | undefined;
}): DocumentClient {
  const agent = new Agent({ connect: { timeout: 5000 }, headersTimeout: 0, bodyTimeout: 0 });
  const open = (id: string | undefined, address: string) => {
    const config = destinationOf(options.destinations, id, address);
    const name = `documents:${config.id}`;
    const reason = options.refusal(options.permit(name), name);
    if (reason !== undefined) throw refused(config.id, reason);
    return { config, url: new URL(address) };
  };
  const leave = (id: string | undefined, address: string) => {
    const { config } = open(id, address);
    const { keyEnv } = config;
    const key = keyEnv === undefined ? undefined : options.environment[keyEnv];
    if (keyEnv !== undefined && !key) throw refused(config.id, `its key in ${keyEnv} is not set`);
    return key === undefined ? {} : { authorization: authorizationOf(key) };
  };
  return {
    leave,
    async get(request) {
      const { destination, maxBytes, signal } = request;
      let address = request.url;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
        // Each hop has the key of the destination above it, never that of another one.
        const { config, url } = open(destination, address);
        const headers = { ...OURS, ...leave(destination, address), ...request.headers };
        const response = await exchange({
          dispatcher: agent,
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'GET',
          headers,
          name: config.id,
          signal,
          firstByteMs: config.firstByteSeconds * 1000,
          betweenBytesMs: config.betweenBytesSeconds * 1000,
          totalMs: config.totalSeconds * 1000,
          maxBytes,
        });
        const { location } = response.headers;
        const isRedirect = response.status > 300 && response.status < 400;
        if (!isRedirect || location === undefined) return { ...response, url: url.href };
        response.body.finish();
        if (!URL.canParse(location, url.href)) break;
        address = new URL(location, url.href).href;
      }
      throw new CadreError(
        'source_failed',
        `${request.url} redirects more than ${MAX_REDIRECTS} times, or to no address; name the page that it ends at`,
      );
    },
    close: () => agent.destroy(),
  };
}

/** The destination above an address: the named one, else the first that is. */
function destinationOf(
  all: readonly DestinationConfig[],
  id: string | undefined,
  address: string,
): DestinationConfig {
  const allowed = all.filter(
    (one) => one.kind === 'documents' && (id === undefined || one.id === id),
  );
  const found = allowed.find((one) => isBelow(one.url, address));
  if (found !== undefined) return found;
  const shown = address.slice(0, 200);
  if (id === undefined)
    throw new CadreError(
      'egress_refused',
      `${shown} lies below no destination; add one of the kind \`documents\` to \`destinations\` in cadre.yaml`,
    );
  throw refused(
    id,
    allowed.length === 0
      ? 'it is not among `destinations` with the kind `documents`'
      : `${shown} does not lie below its URL ${allowed[0]?.url}`,
  );
}

/** Same origin, and the base's path or below it. */
function isBelow(above: string, address: string): boolean {
  const base = new URL(above);
  const wanted = URL.canParse(address) ? new URL(address) : undefined;
  const folder = base.pathname.replace(/\/*$/, '/');
  return (
    wanted !== undefined &&
    wanted.origin === base.origin &&
    wanted.username === '' &&
    `${wanted.pathname}/`.startsWith(folder)
  );
}

/** A key with a colon is a user with a password. */
function authorizationOf(key: string): string {
  if (!key.includes(':')) return `Bearer ${key}`;
  return `Basic ${Buffer.from(key).toString('base64')}`;
}

function refused(destination: string, reason: string): CadreError {
  return new CadreError('egress_refused', `destination ${destination}: ${reason}`);
}
