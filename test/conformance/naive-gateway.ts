import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listenOnFreePort } from './ports.ts';

/**
 * A gateway with the faults that gateways have: it drops fields it does not know, reads an upstream
 * to its end whoever left, ends a cut stream as if it were whole, and takes any 200 for an answer.
 */
export async function startNaiveGateway(upstream: string): Promise<string> {
  const server = createServer((incoming, response) => {
    relay(upstream, incoming, response).catch(() => response.destroy());
  });
  const port = await listenOnFreePort(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

const KNOWN = ['model', 'messages', 'stream', 'temperature', 'max_tokens', 'stream_options'];

async function relay(
  upstream: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const part of incoming) text += part;
  const body = JSON.parse(text) as Record<string, unknown>;
  const known = Object.fromEntries(KNOWN.map((name) => [name, body[name]]));
  const answer = await fetch(upstream + incoming.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(known),
  });
  const isStream = body['stream'] === true;
  const type = isStream ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type });
  try {
    for await (const chunk of answer.body ?? []) response.write(chunk);
  } catch {
    // A cut stream is over, so it is ended: that is the fault.
  }
  response.end(isStream ? 'data: [DONE]\n\n' : '');
}
