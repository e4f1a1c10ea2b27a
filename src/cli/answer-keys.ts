import { stderr, stdin } from 'node:process';
import { createInterface, type Interface } from 'node:readline/promises';

const INTERRUPT = '\u0003';
const END = '\u0004';
const ENTER = /[\r\n]/;

/**
 * What a person answers: on a terminal one key at a time, and behind `/` a line; else one line of the
 * input at a time.
 */
export class AnswerKeys {
  readonly #signal: AbortSignal;
  readonly #lines: Interface | undefined;
  readonly #read: AsyncIterator<string> | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    if (stdin.isTTY) return;
    this.#lines = createInterface({ input: stdin });
    this.#read = this.#lines[Symbol.asyncIterator]();
  }

  /** Undefined = the input ended, or the person wants to leave. */
  async next(): Promise<string | undefined> {
    if (this.#signal.aborted) return undefined;
    if (this.#read !== undefined) {
      const line = await this.#read.next();
      return line.done === true ? undefined : line.value.trim().replace(/^\//, '');
    }
    const key = await this.#key();
    if (key === INTERRUPT || key === END) return undefined;
    return key === '/' ? this.#line() : key;
  }

  close(): void {
    this.#lines?.close();
    stdin.pause();
  }

  /** One stroke; keys that send more than one character, such as arrows, are none. */
  #key(): Promise<string> {
    return new Promise((resolve) => {
      const leave = () => end(INTERRUPT);
      const hear = (bytes: Buffer) => {
        const key = bytes.toString();
        if (key.length === 1) end(ENTER.test(key) ? '' : key);
      };
      const end = (key: string) => {
        stdin.off('data', hear);
        stdin.setRawMode(false);
        stdin.pause();
        this.#signal.removeEventListener('abort', leave);
        resolve(key);
      };
      stdin.setRawMode(true);
      stdin.on('data', hear);
      stdin.resume();
      this.#signal.addEventListener('abort', leave, { once: true });
    });
  }

  async #line(): Promise<string> {
    const line = createInterface({ input: stdin, output: stderr });
    try {
      return (await line.question('label: ', { signal: this.#signal })).trim();
    } catch {
      return '';
    } finally {
      line.close();
    }
  }
}
