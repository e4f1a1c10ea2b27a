import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer that the test writes piece by piece. */
export class ScriptedAnswer {
  /** Ends when the farm lets go of the answer or has all of it. */
  readonly closed: Promise<void>;
  /** What the farm asked for. */
  readonly asked: Promise<Readonly<Record<string, unknown>>>;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, incoming: IncomingMessage) {
    this.#response = response;
    this.asked = new Response(incoming as never).json() as Promise<Record<string, unknown>>;
    // Most tests do not ask.
    this.asked.catch(() => undefined);
    this.closed = new Promise((done) => response.on('close', done));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
  }

  write(content: string): void {
    this.say({ content });
  }

  /** Any other part of an answer: thought, calls. */
  say(delta: object): void {
    this.#send({ choices: [{ index: 0, delta }] });
  }

  /** The connection breaks within the answer. */
  cut(): void {
    this.#response.destroy();
  }

  /** `details` are further fields of the usage. */
  end(details: object = {}): void {
    this.#send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    this.#send({
      choices: [],
      usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30, ...details },
    });
    this.#response.end('data: [DONE]\n\n');
  }

  #send(chunk: object): void {
    this.#response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
}

/** A model server of the OpenAI dialect outside the farm; it says what the test tells it to say. */
export class ScriptedUpstream {
  readonly url: string;
  readonly #server: Server;
  readonly #answers: ScriptedAnswer[] = [];
  readonly #waiting: ((answer: ScriptedAnswer) => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', (incoming, response: ServerResponse) => {
      const answer = new ScriptedAnswer(response, incoming);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(answer);
      else this.#answers.push(answer);
    });
  }

  /** Requests of the farm that no test has taken yet. */
  get untaken(): number {
    return this.#answers.length;
  }

  static async start(): Promise<ScriptedUpstream> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new ScriptedUpstream(server);
  }

  /** The next request that the farm sends, as the answer to be written. */
  next(): Promise<ScriptedAnswer> {
    const answer = this.#answers.shift();
    if (answer) return Promise.resolve(answer);
    return new Promise((found) => this.#waiting.push(found));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
