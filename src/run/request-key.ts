import type { ChatRequest, JsonValue } from '../core/chat.ts';

/**
 * The request as text that is equal where nothing that matters differs: fields in one order, absent
 * ones left out, and the dialect only where it says how to read unknown fields (at any place) or
 * whether an answer that was begun goes on.
 */
export function requestText(request: ChatRequest): string {
  const { dialect = 'openai', ...rest } = request;
  const text = canonical(rest as unknown as JsonValue);
  // Quotes within strings are escaped: this is a name of a field, here or in a schema.
  const hasUnknown = text.includes('"extra":');
  const isOpen = request.messages.at(-1)?.role === 'assistant';
  return hasUnknown || isOpen ? `${dialect} ${text}` : text;
}

/** JSON with sorted keys. */
export function canonical(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const one = (value as { readonly [key: string]: JsonValue | undefined })[name];
    if (one !== undefined) fields.push(`${JSON.stringify(name)}:${canonical(one)}`);
  }
  return `{${fields.join()}}`;
}
