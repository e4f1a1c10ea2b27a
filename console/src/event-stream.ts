/** Server-sent events of a fetch body as parsed `data:` objects; comments and [DONE] are left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const data = rest
          .slice(0, end)
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice(6))
          .join('\n');
        rest = rest.slice(end + 2);
        if (data !== '' && data !== '[DONE]') yield JSON.parse(data) as unknown;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
