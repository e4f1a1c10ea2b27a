import { KEY_FORMATS } from '../../base/key-formats.ts';
import { CadreError } from '../../core/errors.ts';

/** What begins like a vendor's key, shortened in the middle or not; words of prose are no such thing. */
const KEY_LIKE = new RegExp(
  `(?<![A-Za-z0-9])(?:${KEY_FORMATS.map(({ prefix }) => prefix).join('|')})[A-Za-z0-9_*.…-]{4,}`,
  'g',
);

/** Characters of a foreign message that may reach a caller. */
const MESSAGE_LENGTH = 300;

export type Fields = { readonly [key: string]: unknown };

/** Narrow reading of JSON that nobody vouches for. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; what is none is left out. */
export function asObjects(value: unknown): readonly Fields[] {
  return asList(value).flatMap((one) => {
    const fields = asFields(one);
    return fields === undefined ? [] : [fields];
  });
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A whole number ≥ 0, else undefined. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A JSON object of a stream or an answer; rejects anything else as `upstream_failed`. */
export function parseFields(text: string, destination: string): Fields {
  try {
    const fields = asFields(JSON.parse(text));
    if (fields !== undefined) return fields;
  } catch {
    // Falls through: broken JSON and JSON that is no object are the same fault.
  }
  // Nothing of it is quoted: a server that echoes headers would show our key.
  throw new CadreError(
    'upstream_failed',
    `${destination} sent something that is not a JSON object`,
    {
      fault: 'malformed',
    },
  );
}

/** Foreign words made harmless: one line, bounded, without control characters, our key and what looks like a key. */
export function cleanMessage(text: string, key: string | undefined): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const masked = key === undefined || key === '' ? plain : plain.replaceAll(key, '[key]');
  const harmless = masked.replace(KEY_LIKE, '[key]');
  return harmless.length > MESSAGE_LENGTH ? `${harmless.slice(0, MESSAGE_LENGTH)}…` : harmless;
}
