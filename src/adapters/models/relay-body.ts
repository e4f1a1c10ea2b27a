import type { JsonValue } from '../../core/chat.ts';
import type { Relay } from '../../core/relay.ts';

const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from('}');

/**
 * A body with some of its fields set anew (undefined = left out) and all other bytes as they came, so
 * that no field is lost or rewritten on the way and 64 KB of prompt are copied once.
 */
export function spliceBody(
  { body, members }: Pick<Relay, 'body' | 'members'>,
  fields: Readonly<Record<string, JsonValue | undefined>>,
): Buffer {
  const own: Record<string, JsonValue> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) own[name] = value;
  }
  const text = JSON.stringify(own);
  const parts: Uint8Array[] = [text === '{}' ? OPEN : Buffer.from(text.slice(0, -1))];
  const join = (start: number, end: number) => {
    if (parts.length > 1 || text !== '{}') parts.push(COMMA);
    parts.push(body.subarray(start, end));
  };
  // Neighbours that are kept go over in one piece.
  let start = -1;
  let end = -1;
  for (const member of members) {
    if (Object.hasOwn(fields, member.name)) {
      if (start >= 0) join(start, end);
      start = -1;
      continue;
    }
    if (start < 0) start = member.start;
    end = member.end;
  }
  if (start >= 0) join(start, end);
  parts.push(CLOSE);
  return Buffer.concat(parts);
}
