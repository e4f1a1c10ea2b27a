import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { REPLACED_FIELDS } from '../../core/relay.ts';
import type { VendorQuirks } from '../../core/vendor-quirks.ts';

const REPLACED: ReadonlySet<string> = new Set(REPLACED_FIELDS);

/**
 * Whether a server takes this body of the dialect as it is, but for the fields that a relay replaces:
 * nothing stands in it that the server refuses or knows under another name.
 */
export function takesBody(quirks: VendorQuirks, body: JsonObject): boolean {
  const { refuses = [], seedField, requiredChoice, schemas } = quirks;
  if (refuses.some((name) => Object.hasOwn(body, name) && !REPLACED.has(name))) return false;
  if (seedField !== undefined && Object.hasOwn(body, 'seed')) return false;
  if (requiredChoice !== undefined && body['tool_choice'] === 'required') return false;
  if (schemas === 'prompt' && Object.hasOwn(body, 'response_format')) return false;
  return listOf(body['messages']).every((message) => takesMessage(quirks, message));
}

function takesMessage(
  { systemRole, thoughtField = 'reasoning_content' }: VendorQuirks,
  message: JsonValue,
): boolean {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  const { role, reasoning_content: thought } = message as JsonObject;
  const instructs = role === 'system' || role === 'developer';
  if (instructs && systemRole !== undefined && role !== systemRole) return false;
  return thought === undefined || thoughtField === 'reasoning_content';
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
