import { createHash } from 'node:crypto';
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

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Keys, sessions and rate limits. */
export function composeAccess(parts: AccessParts): Access {
  const { store, sessions } = parts;
  let isKeyless = true;
  let lookedAt = 0;
  return {
    async authenticate(secret): Promise<Caller | undefined> {
      const row = await store.doFindKey(hash(secret));
      return row === undefined || row.revokedAt !== undefined ? undefined : callerOf(row);
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
    settleTokens: (id, used) => parts.rates.settle(id, used),
    rateStanding: (caller) => parts.rates.standing(caller),
    async addKey(request) {
      const made = makeKey({ ...request, randomText: parts.random.id, hash, now: Date.now() });
      await store.doPutKey(made.row);
      isKeyless = false;
      return made;
    },
    listKeys: () => store.doListKeys(),
    revokeKey: (id) => store.doRevokeKey(id, Date.now()),
    signIn: (token) => sessions.signIn(token),
    isSession: (secret) => sessions.isSession(secret),
    mintToken: () => sessions.mintToken(),
  };
}
