import type { DestinationConfig } from '../../core/config.ts';

/** Where chats go below the destination's URL, and the headers that they carry. */
export function openAiEndpoint(
  { quirks, apiVersion }: DestinationConfig,
  model: string,
  key: string | undefined,
): { readonly path: string; readonly headers: Readonly<Record<string, string>> } {
  const keyHeader = quirks.keyHeader ?? 'authorization';
  const keyValue = quirks.keyHeader === undefined ? `Bearer ${key}` : `${key}`;
  return {
    path: (quirks.chatPath ?? '/chat/completions')
      .replace('{model}', encodeURIComponent(model))
      .replace('{apiVersion}', apiVersion),
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(key === undefined ? {} : { [keyHeader]: keyValue }),
    },
  };
}
