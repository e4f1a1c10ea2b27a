import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model server that quotes the sentence about the valve that is asked for, with its number. */
export class LivingVendor {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  /** `onPrompt` sees all that would leave for the model. */
  static async start(onPrompt: (prompt: string) => void): Promise<LivingVendor> {
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        body += part;
      });
      incoming.on('end', () => {
        const request = JSON.parse(body) as {
          messages: { content: string | { text?: string }[] }[];
          stream?: boolean;
        };
        const last = request.messages.at(-1)?.content ?? '';
        const prompt =
          typeof last === 'string' ? last : last.map((part) => part.text ?? '').join('\n');
        onPrompt(body);
        send(response, answerOf(prompt), request.stream === true);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LivingVendor(server);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function answerOf(prompt: string): string {
  const valve = /Question: .*valve (K\d+)/.exec(prompt)?.[1];
  const line = prompt
    .split('\n')
    .map((one) => /^\[(\d+)\] (.*)$/.exec(one))
    .find((one) => one?.[2]?.includes(`Valve ${valve} opens`));
  return line === undefined || line === null
    ? 'The documents do not say.'
    : `${line[2]} [${line[1]}]`;
}

function send(response: ServerResponse, content: string, streams: boolean): void {
  const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
  if (!streams) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ id: 'x', model: 'reader', choices, usage }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (object: object) => response.write(`data: ${JSON.stringify(object)}\n\n`);
  write({ choices: [{ index: 0, delta: { content } }] });
  write({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  write({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}
