import { CadreError } from '../../core/errors.ts';
import type { ObjectPart, ObjectRow } from '../../core/objects.ts';
import type { FeedbackRow } from '../../core/outcome.ts';
import type { KeyRow } from '../../core/stores.ts';

/**
 * What SQLite and Postgres have in common: how a row becomes columns. All free text travels as JSON
 * text, because a Postgres TEXT column refuses NUL and turns lone surrogates into U+FFFD, while
 * JSON.stringify escapes both.
 */
export type Columns = Readonly<Record<string, unknown>>;

/** Nano-dollars per dollar; sums of integers do not drift, sums of 0.1 do. */
const NANO = 1_000_000_000;
/** Largest amount that stays an exact integer in a double: 2^53 nano-dollars. */
const DOLLARS_MAX = 9_000_000;

/** US dollars as whole nano-dollars. Throws `store_failed` unless 0 ≤ dollars ≤ 9 million. */
export function toNanos(dollars: number, what: string): number {
  if (!(dollars >= 0 && dollars <= DOLLARS_MAX))
    throw new CadreError('store_failed', `${what} must be 0 to ${DOLLARS_MAX} dollars: ${dollars}`);
  return Math.round(dollars * NANO);
}

/** A limit may be infinite; what cannot be reached is the largest amount. */
export function limitNanos(dollars: number): number {
  return toNanos(Math.min(dollars, DOLLARS_MAX), 'the limit');
}

export function toDollars(nanos: number): number {
  return nanos / NANO;
}

/** An integer column; Postgres hands BIGINT over as text. */
export function integerOf(row: Columns, column: string): number {
  const value = Number(row[column]);
  if (!Number.isSafeInteger(value)) throw damaged(column);
  return value;
}

/** Milliseconds since the epoch; clocks may give fractions. */
function timeOf(row: Columns, column: string): number {
  const value = Number(row[column]);
  if (!Number.isFinite(value)) throw damaged(column);
  return value;
}

export function textOf(row: Columns, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

/** A JSON column that this adapter wrote itself. */
export function jsonOf<T>(row: Columns, column: string): T {
  try {
    return JSON.parse(textOf(row, column)) as T;
  } catch (error) {
    throw damaged(column, error);
  }
}

/** Rows wanted at once, as both databases read it (SQLite takes a negative number for "all"). */
export function checkedLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new CadreError('store_failed', `a limit is a whole number from 0: ${limit}`);
}

export function damaged(column: string, cause?: unknown): CadreError {
  return new CadreError('store_failed', `the stored column \`${column}\` is damaged`, { cause });
}

export function encodeKey(row: KeyRow): string {
  const { id: _id, hash: _hash, createdAt: _at, revokedAt: _revoked, ...body } = row;
  return JSON.stringify(body);
}

export function decodeKey(row: Columns): KeyRow {
  const body = jsonOf<Omit<KeyRow, 'id' | 'hash' | 'createdAt' | 'revokedAt'>>(row, 'body');
  return {
    ...body,
    id: textOf(row, 'id'),
    hash: textOf(row, 'hash'),
    createdAt: timeOf(row, 'created_at'),
    ...(row['revoked_at'] === null ? {} : { revokedAt: timeOf(row, 'revoked_at') }),
  };
}

export function decodeFeedback(row: Columns): FeedbackRow {
  return {
    receipt: textOf(row, 'receipt'),
    source: textOf(row, 'source') as FeedbackRow['source'],
    key: textOf(row, 'key'),
    score: Number(row['score']),
    at: timeOf(row, 'at'),
    ...(row['text'] === null ? {} : { text: jsonOf<string>(row, 'text') }),
  };
}

export function decodeObject(row: Columns): ObjectRow {
  return {
    kind: textOf(row, 'kind') as ObjectRow['kind'],
    id: textOf(row, 'id'),
    key: textOf(row, 'key'),
    createdAt: timeOf(row, 'created_at'),
    ...(row['expires_at'] === null ? {} : { expiresAt: timeOf(row, 'expires_at') }),
    body: jsonOf<ObjectRow['body']>(row, 'body'),
  };
}

export function decodePart(row: Columns): ObjectPart {
  const { bytes } = row;
  if (!(bytes instanceof Uint8Array)) throw damaged('bytes');
  return { position: integerOf(row, 'position'), bytes };
}

export function noReservation(id: string): CadreError {
  return new CadreError('store_failed', `there is no reservation ${id} to settle`);
}
