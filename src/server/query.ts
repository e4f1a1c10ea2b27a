import type { IncomingMessage } from 'node:http';
import { invalidField } from './wire-fields.ts';

/** The query of a request's URL. */
export function queryOf(incoming: IncomingMessage): URLSearchParams {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

/** A whole number of 1 to `most` in the query; `absent` where it is not given. */
export function countOf(
  query: URLSearchParams,
  name: string,
  { absent, most }: { readonly absent: number; readonly most: number },
): number {
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
