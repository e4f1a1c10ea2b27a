import type { Caller } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { KeyRow } from '../core/stores.ts';

const PREFIX = 'cadre_';
/** 40 letters and digits are at least 206 bits. */
const SECRET_LENGTH = 40;
const ID_LENGTH = 12;
const NAME_MAX = 100;
const PRINCIPALS_MAX = 100;
/** Everyone may read what `public` may read. */
const EVERYONE = 'public';
const SECRET = /^cadre_[A-Za-z0-9]{40}$/;

export interface KeyWish {
  readonly name: string;
  readonly principals?: readonly string[];
  readonly keepsText?: boolean;
  /** US dollars per day. */
  readonly budgetDaily?: number;
  /** Requests per minute. */
  readonly rateLimit?: number;
  /** Tokens per minute, read and written. */
  readonly tokenLimit?: number;
  /** `count` random letters and digits, from a source fit for secrets. */
  readonly randomText: (count: number) => string;
  /** SHA-256, hex. */
  readonly hash: (secret: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * A new key. The secret is given once and stored nowhere. Throws `invalid_request` naming the field
 * that is wrong.
 */
export function makeKey(wish: KeyWish): { readonly row: KeyRow; readonly secret: string } {
  const name = wish.name.trim();
  if (name === '' || name.length > NAME_MAX)
    throw invalid('name', `a name has 1 to ${NAME_MAX} characters`);
  const principals = wish.principals ?? [];
  if (principals.length > PRINCIPALS_MAX || principals.some((one) => one.trim() === ''))
    throw invalid('principals', `at most ${PRINCIPALS_MAX} names, none empty`);
  const { budgetDaily, rateLimit, tokenLimit } = wish;
  if (budgetDaily !== undefined && !(budgetDaily >= 0 && budgetDaily <= 1_000_000))
    throw invalid('budgetDaily', 'a budget is 0 to 1,000,000 dollars');
  if (rateLimit !== undefined && !(rateLimit > 0 && Number.isFinite(rateLimit)))
    throw invalid('rateLimit', 'a rate is more than 0 requests per minute');
  if (tokenLimit !== undefined && !(tokenLimit > 0 && Number.isFinite(tokenLimit)))
    throw invalid('tokenLimit', 'a rate is more than 0 tokens per minute');
  const secret = `${PREFIX}${wish.randomText(SECRET_LENGTH)}`;
  if (!SECRET.test(secret)) throw new CadreError('internal', 'the source of randomness is broken');
  const row: KeyRow = {
    id: `key_${wish.randomText(ID_LENGTH)}`,
    name,
    hash: wish.hash(secret),
    principals: [...new Set([EVERYONE, ...principals])],
    keepsText: wish.keepsText ?? false,
    ...(budgetDaily === undefined ? {} : { budgetDaily }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(tokenLimit === undefined ? {} : { tokenLimit }),
    createdAt: wish.now,
  };
  return { row, secret };
}

/** Who calls with this key. Throws `unauthorized` for a revoked one. */
export function callerOf(row: KeyRow): Caller {
  if (row.revokedAt !== undefined)
    throw new CadreError('unauthorized', `the key ${row.id} was revoked`);
  return {
    key: row.id,
    principals: [...new Set([EVERYONE, ...row.principals])],
    keepsText: row.keepsText,
    ...(row.budgetDaily === undefined ? {} : { budgetDaily: row.budgetDaily }),
    ...(row.rateLimit === undefined ? {} : { rateLimit: row.rateLimit }),
    ...(row.tokenLimit === undefined ? {} : { tokenLimit: row.tokenLimit }),
  };
}

function invalid(param: string, message: string): CadreError {
  return new CadreError('invalid_request', message, { param });
}
