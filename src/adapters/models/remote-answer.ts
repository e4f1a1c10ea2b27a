import { CadreError } from '../../core/errors.ts';

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

/** Foreign words made harmless: one line, bounded, without control characters and without our key. */
export function cleanMessage(text: string, key: string | undefined): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const masked = key === undefined || key === '' ? plain : plain.replaceAll(key, '[key]');
  return masked.length > MESSAGE_LENGTH ? `${masked.slice(0, MESSAGE_LENGTH)}…` : masked;
}
