import type { ServerResponse } from 'node:http';

export type WireDialect = 'openai' | 'anthropic';

const WORDS: readonly string[] = (
  'the harbour crane lifts one container after another while the tide runs out and gulls ' +
  'circle above the water near an old lighthouse whose keeper writes every ship into a ' +
  'book with the hour the flag and the weather so that nobody forgets who came and who left ' +
  'on any day of the grey winter that has now begun again'
).split(' ');

/** Every healthy answer is these sixty words, so that a cut is seen. */
export const SIXTY = WORDS.join(' ');
export const USAGE = { prompt: 20, completion: WORDS.length };

/** The first words as they stand at the beginning of every answer. */
export function firstWords(count: number): string {
  return SIXTY.split(' ').slice(0, count).join(' ');
}

interface Wire {
  readonly head: string;
  readonly word: (text: string) => string;
  readonly finish: string;
  readonly usage: string;
  readonly done: string;
  readonly error: (kind: string, message: string) => object;
}

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const event = (value: { readonly type: string }) => `event: ${value.type}\n${data(value)}`;
const chunk = (delta: object, finish: string | null = null) =>
  data({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });

const WIRES: Readonly<Record<WireDialect, Wire>> = {
  openai: {
    head: chunk({ role: 'assistant', content: '' }),
    word: (content) => chunk({ content }),
    finish: chunk({}, 'stop'),
    usage: data({
      choices: [],
      usage: { prompt_tokens: USAGE.prompt, completion_tokens: USAGE.completion },
    }),
    done: 'data: [DONE]\n\n',
    error: (code, message) => ({ error: { message, type: 'error', code } }),
  },
  anthropic: {
    head:
      event({
        type: 'message_start',
        message: { id: 'msg_1', role: 'assistant', usage: { input_tokens: USAGE.prompt } },
      } as { type: string }) +
      event({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'text', text: '' },
      } as { type: string }),
    word: (text) =>
      event({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      } as { type: string }),
    finish:
      event({ type: 'content_block_stop' }) +
      event({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: USAGE.completion },
      } as { type: string }),
    usage: '',
    done: event({ type: 'message_stop' }),
    error: (type, message) => ({ type: 'error', error: { type, message } }),
  },
};

/** One answer of the scripted provider, written piece by piece in the dialect that was asked. */
export class ScriptedAnswer {
  readonly wire: Wire;
  readonly response: ServerResponse;
  /** Settles when the farm has let go of the connection or has all of the answer. */
  readonly closed: Promise<void>;

  constructor(dialect: WireDialect, response: ServerResponse) {
    this.wire = WIRES[dialect];
    this.response = response;
    this.closed = new Promise((resolve) => response.once('close', resolve));
  }

  /** Waits until the bytes have left, so that a cut that follows does not take them along. */
  write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.response.destroyed) resolve();
      else this.response.write(text, () => setImmediate(resolve));
    });
  }

  async head(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    await this.write(this.wire.head);
  }

  async words(from: number, to: number): Promise<void> {
    for (const [index, word] of WORDS.slice(from, to).entries())
      await this.write(this.wire.word(from + index === 0 ? word : ` ${word}`));
  }

  async end(): Promise<void> {
    await this.write(this.wire.finish + this.wire.usage);
    this.response.end(this.wire.done);
  }

  async healthy(): Promise<void> {
    await this.head();
    await this.words(0, WORDS.length);
    await this.end();
  }

  refuse(
    status: number,
    kind = 'api_error',
    message = 'scripted',
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(JSON.stringify(this.wire.error(kind, message)));
  }

  /** Everything that a healthy answer consists of. */
  whole(): string {
    const { head, word, finish, usage, done } = this.wire;
    const all = WORDS.map((one, index) => word(index === 0 ? one : ` ${one}`)).join('');
    return head + all + finish + usage + done;
  }

  /** Closes the connection in the middle. */
  cut(): void {
    this.response.destroy();
  }

  /** A TCP reset instead of an answer. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }
}
