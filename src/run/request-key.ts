import type { ChatRequest, JsonValue } from '../core/chat.ts';

/**
 * The request as text that is equal where nothing that matters differs: fields in one order, absent
 * ones left out, and the dialect only where it says how to read unknown fields.
 */
export function requestText(request: ChatRequest): string {
  const { dialect, ...rest } = request;
  const whole = rest.extra === undefined ? rest : request;
  return canonical(whole as unknown as JsonValue | undefined);
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
