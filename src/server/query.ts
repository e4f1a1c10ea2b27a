import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../core/chat.ts';
import { invalidField } from './wire-fields.ts';

export interface PageSize {
  /** Entries where the request does not say. */
  readonly absent: number;
  readonly most: number;
}

/** Pages of OpenAI's lists. */
export const FILE_PAGE: PageSize = { absent: 1000, most: 10_000 };
export const BATCH_PAGE: PageSize = { absent: 20, most: 100 };
export const INPUT_PAGE: PageSize = { absent: 20, most: 100 };

/** JSON Schemas of the query of a list, by name. */
export function pageQuery(
  { absent, most }: PageSize,
  more: Readonly<Record<string, JsonObject>> = {},
): Readonly<Record<string, JsonObject>> {
  return {
    limit: { type: 'integer', minimum: 1, maximum: most, default: absent },
    after: { type: 'string', description: 'Id of the last entry of the page before.' },
    ...more,
  };
}

export const ORDER: JsonObject = { enum: ['desc', 'asc'], default: 'desc' };

/** The query of a request's URL. */
export function queryOf(incoming: IncomingMessage): URLSearchParams {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

/** A whole number of 1 to `most` in the query; `absent` where it is not given. */
export function countOf(query: URLSearchParams, name: string, { absent, most }: PageSize): number {
  const text = query.get(name);
  if (text === null || text === '') return absent;
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= 1 && count <= most) return count;
  throw invalidField(name, `a whole number of 1 to ${most}`);
}

/** One of the given words in the query; the first where none is given. */
export function wordOf<T extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly [T, ...T[]],
): T {
  const text = query.get(name);
  if (text === null || text === '') return words[0];
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw invalidField(name, words.map((one) => `\`${one}\``).join(' or '));
}
