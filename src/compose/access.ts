import { hash as hashOnce } from 'node:crypto';
import type { Caller } from '../core/call.ts';
import type { Farm } from '../core/farm.ts';
import type { Random } from '../core/ports.ts';
import type { KeyStore } from '../core/stores.ts';
import { callerOf, makeKey } from '../policy/keys.ts';
import type { RateLimiter } from '../policy/rate.ts';
import type { Sessions } from './sessions.ts';

interface AccessParts {
  readonly store: KeyStore;
  readonly sessions: Sessions;
  readonly rates: RateLimiter;
  readonly random: Random;
}

export type Access = Pick<
  Farm,
  | 'authenticate'
  | 'isKeyless'
  | 'takeRate'
  | 'reserveTokens'
  | 'shareTokens'
  | 'settleTokens'
  | 'rateStanding'
  | 'addKey'
  | 'listKeys'
  | 'revokeKey'
  | 'signIn'
  | 'isSession'
  | 'mintToken'
>;

/** Another node on the same database may make the first key: it is seen within this time. */
const KEYLESS_MS = 1000;

/** A key that another node revoked is served no longer than this; our own revocation counts at once. */
const KNOWN_MS = 1000;
/** Keys that are remembered; a farm has dozens. */
const KNOWN_MOST = 1000;

function hash(secret: string): string {
  return hashOnce('sha256', secret, 'hex');
}

/** Keys, sessions and rate limits. */
export function composeAccess(parts: AccessParts): Access {
  const { store, sessions } = parts;
  let isKeyless = true;
  let lookedAt = 0;
  let revocations = 0;
  const known = new Map<string, { readonly caller: Caller; readonly until: number }>();
  return {
    async authenticate(secret): Promise<Caller | undefined> {
      const hashed = hash(secret);
      const found = known.get(hashed);
      if (found !== undefined && Date.now() < found.until) return found.caller;
      const seen = revocations;
      const row = await store.doFindKey(hashed);
      known.delete(hashed);
      if (row === undefined || row.revokedAt !== undefined) return undefined;
      if (known.size >= KNOWN_MOST) known.clear();
      const caller = callerOf(row);
      // The row may have been read before a revocation that is already told of.
      if (seen === revocations) known.set(hashed, { caller, until: Date.now() + KNOWN_MS });
      return caller;
    },
    async isKeyless() {
      // A farm that has had a key never becomes keyless again, so only `true` grows old.
      if (isKeyless && Date.now() - lookedAt > KEYLESS_MS) {
        isKeyless = (await store.doListKeys()).length === 0;
        lookedAt = Date.now();
      }
      return isKeyless;
    },
    takeRate: (caller) => parts.rates.take(caller),
    reserveTokens: (caller, id, tokens) => parts.rates.reserve(caller, id, tokens),
    shareTokens: (id, other) => parts.rates.share(id, other),
    settleTokens: (id, used) => parts.rates.settle(id, used),
    rateStanding: (caller) => parts.rates.standing(caller),
    async addKey(request) {
      const made = makeKey({ ...request, randomText: parts.random.id, hash, now: Date.now() });
      await store.doPutKey(made.row);
      isKeyless = false;
      return made;
    },
    listKeys: () => store.doListKeys(),
    async revokeKey(id) {
      const isRevoked = await store.doRevokeKey(id, Date.now());
      revocations += 1;
      known.clear();
      return isRevoked;
    },
    signIn: (token) => sessions.signIn(token),
    isSession: (secret) => sessions.isSession(secret),
    mintToken: () => sessions.mintToken(),
  };
}
