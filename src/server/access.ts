import type { IncomingMessage } from 'node:http';
import { type Caller, LOOPBACK, OPERATOR as OPERATORS } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import { requireOwnMachine, requireOwnPage } from './network.ts';

/** Who is calling and what he may do. */
export interface Access {
  readonly caller: Caller;
  /** May change the farm and sees everything that is in it. */
  readonly isOperator: boolean;
}

/** Where a request came in. */
export interface Listener {
  /** The home's socket: whoever can open it owns the home. */
  readonly isSocket: boolean;
  /** Port of the farm's address; 0 while none is open. */
  readonly port: number;
}

export const SESSION_COOKIE = 'cadre_session';
const MAX_SECRET = 512;

/** The owner of the machine: at the socket, on loopback without keys, or signed in to the console. */
const OPERATOR: Access = {
  caller: LOOPBACK,
  isOperator: true,
};

/** Rejects with `unauthorized` or, without keys, `origin_refused`. */
export async function findAccess(
  farm: Farm,
  incoming: IncomingMessage,
  listener: Listener,
): Promise<Access> {
  if (listener.isSocket) return OPERATOR;
  const ours = { port: listener.port, allowedHosts: farm.config.server.allowedHosts };
  if (await farm.isKeyless()) {
    // Clients of the dialect always send some key; without keys it means nothing.
    requireOwnMachine(incoming, ours);
    return OPERATOR;
  }
  const { authorization } = incoming.headers;
  if (authorization !== undefined) return accessByKey(farm, authorization);
  // Anthropic's clients send their key under this name.
  const key = incoming.headers['x-api-key'];
  if (typeof key === 'string') return accessByKey(farm, `Bearer ${key}`);
  const session = sessionSecret(incoming);
  if (session === undefined) throw new CadreError('unauthorized', 'the request carries no key');
  requireOwnPage(incoming, ours);
  if (farm.isSession(session)) return OPERATOR;
  throw new CadreError('unauthorized', 'the session is over; sign in again');
}

async function accessByKey(farm: Farm, authorization: string): Promise<Access> {
  const secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (secret === undefined || secret.length > MAX_SECRET)
    throw new CadreError('unauthorized', 'the authorization header is not “Bearer KEY”');
  const caller = await farm.authenticate(secret);
  if (caller === undefined)
    throw new CadreError('unauthorized', 'the key is unknown or was revoked');
  return { caller, isOperator: caller.principals.includes(OPERATORS) };
}

function sessionSecret(incoming: IncomingMessage): string | undefined {
  for (const pair of (incoming.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() !== SESSION_COOKIE) continue;
    const value = pair.slice(equals + 1).trim();
    if (value !== '' && value.length <= MAX_SECRET) return value;
  }
  return undefined;
}
