import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ScriptedAnswer, type WireDialect } from './scripted-answer.ts';

/** What a request to the provider said. */
export interface Asked {
  readonly model: string;
  /** URL of the provider that was asked. */
  readonly provider: string;
  readonly dialect: WireDialect;
  readonly body: { readonly [key: string]: unknown };
  /** Milliseconds of a clock that never goes back. */
  readonly at: number;
  readonly answer: ScriptedAnswer;
}

/** `turn` counts the requests to this model from 0. */
export type Fault = (answer: ScriptedAnswer, turn: number, asked: Asked) => void | Promise<void>;

/**
 * A model vendor of both dialects on this machine. The part of the model's name before the first dot
 * picks the fault; a model without a fault of its own is always healthy.
 */
export class FaultProvider {
  readonly url: string;
  readonly asked: Asked[] = [];
  readonly #close: () => Promise<void>;
  readonly #waiting = new Set<() => void>();

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(faults: Readonly<Record<string, Fault>>): Promise<FaultProvider> {
    const server = createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Asked['body'];
        const model = String(body['model']);
        const dialect = incoming.url?.endsWith('/messages') ? 'anthropic' : 'openai';
        const answer = new ScriptedAnswer(dialect, response);
        const turn = provider.hits(model, dialect);
        const asked: Asked = {
          model,
          provider: provider.url,
          dialect,
          body,
          at: performance.now(),
          answer,
        };
        provider.asked.push(asked);
        for (const wake of provider.#waiting) wake();
        const fault = faults[model.split('.', 1)[0] ?? ''];
        void (fault === undefined ? answer.healthy() : fault(answer, turn, asked));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new FaultProvider(`http://127.0.0.1:${port}`, () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    });
    return provider;
  }

  /** How often a model was asked. */
  hits(model: string, dialect?: WireDialect): number {
    return this.to(model).filter((one) => dialect === undefined || one.dialect === dialect).length;
  }

  to(model: string): readonly Asked[] {
    return this.asked.filter((one) => one.model === model);
  }

  /** The request with this number (from 0) to a model, as soon as it comes. */
  async next(model: string, number = 0): Promise<Asked> {
    for (;;) {
      const found = this.to(model)[number];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  stop(): Promise<void> {
    return this.#close();
  }
}
