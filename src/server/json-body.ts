import { isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { JsonMember } from '../core/relay.ts';
import { jsonFault } from './json-fault.ts';
import { type JsonLimits, scanJson } from './json-scan.ts';

/** Characters of a broken body that are read again for the place: some milliseconds. */
const LONGEST_EXPLAINED = 1_000_000;

/**
 * A request body as a JSON object. Rejects with `invalid_json` (syntax, bytes that are not UTF-8,
 * halves of surrogate pairs, NUL, something other than an object) or `invalid_request` (the limits).
 */
export function parseJsonBody(bytes: Buffer, limits: JsonLimits): JsonObject {
  return parseJsonText(bytes, limits).value;
}

export interface JsonText {
  readonly value: JsonObject;
  readonly bytes: Buffer;
  /** Where the object's fields stand in the bytes. */
  readonly members: readonly JsonMember[];
}

/** As `parseJsonBody`, with the text that was parsed. */
export function parseJsonText(bytes: Buffer, limits: JsonLimits): JsonText {
  if (!isUtf8(bytes)) throw new CadreError('invalid_json', 'the body is not valid UTF-8');
  const members = scanJson(bytes, limits);
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CadreError('invalid_json', 'the body is not a JSON object');
  if (hasNulEscape(bytes) && holdsNul(value))
    throw new CadreError('invalid_json', 'the body has a NUL character');
  // Only an escape can bring half a pair into valid UTF-8, and most bodies have none.
  if (hasSurrogateEscape(bytes) && !isWellFormed(value))
    throw new CadreError('invalid_json', 'the body has half of a surrogate pair');
  return { value: value as JsonObject, bytes, members };
}

function hasSurrogateEscape(bytes: Buffer): boolean {
  return bytes.includes(0x5c) && (bytes.includes('\\ud') || bytes.includes('\\uD'));
}

function hasNulEscape(bytes: Buffer): boolean {
  return bytes.includes('\\u0000');
}

/** Where text is handed to libraries in C, what follows a NUL would be lost to some and not to others. */
function holdsNul(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsNul);
  return Object.entries(value).some(([key, one]) => key.includes('\0') || holdsNul(one));
}

function parse(bytes: Buffer): JsonValue {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // The engine's message quotes the body, and most of them name no place.
    const why = text.length > LONGEST_EXPLAINED ? 'too long to say where' : jsonFault(text);
    throw new CadreError('invalid_json', `the body is not valid JSON (${why})`);
  }
}

function isWellFormed(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, one]) => key.isWellFormed() && isWellFormed(one));
}
