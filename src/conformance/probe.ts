import type { JsonObject } from '../core/chat.ts';
import type { ConformanceWish } from '../core/conformance.ts';
import { CadreError } from '../core/errors.ts';
import type { Gateway, GatewayRequest, ScriptedVendor, VendorRecord } from '../core/gateway.ts';
import type { Clock } from '../core/ports.ts';
import type { ChatWish, Driver, ReadAnswer } from './driver.ts';
import { readJson } from './json-path.ts';

/** Everything that came back for one request; trouble is a part of it. */
export interface Answer {
  /** 0 where no status came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
  /** How the connection ended, where it did not end as HTTP says. */
  readonly problem: string | undefined;
  readonly sentAt: number;
  readonly ms: number;
  /** When which part of the text was there: time of the clock, length so far. */
  readonly marks: readonly { readonly at: number; readonly length: number }[];
}

export interface SendOptions {
  readonly method?: GatewayRequest['method'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly withinMs?: number;
  /** The client leaves as soon as this is true of the text so far. */
  readonly leaveWhen?: (text: string) => boolean;
  /** The client leaves after so many milliseconds, whatever has come. */
  readonly leaveAfterMs?: number;
}

export interface ProbeParts {
  readonly gateway: Gateway;
  readonly vendor?: ScriptedVendor;
  readonly driver: Driver;
  readonly wish: ConformanceWish;
  readonly key: string | undefined;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How checks talk to the gateway. Nothing that a gateway does makes a method throw. */
export class Probe {
  readonly parts: ProbeParts;
  readonly driver: Driver;
  readonly model: string;
  #asked = 0;

  constructor(parts: ProbeParts) {
    this.parts = parts;
    this.driver = parts.driver;
    this.model = parts.wish.model;
  }

  get patienceMs(): number {
    return this.parts.wish.patience * 1000;
  }

  /** The model for another endpoint than chat, where the operator named one. */
  modelFor(endpoint: string): string {
    return this.parts.wish.models[endpoint] ?? this.model;
  }

  post(path: string, body: JsonObject | string | Uint8Array, options: SendOptions = {}) {
    const bytes = typeof body === 'string' || body instanceof Uint8Array;
    return this.send(path, { method: 'POST', ...options }, bytes ? body : JSON.stringify(body));
  }

  get(path: string, options: SendOptions = {}) {
    return this.send(path, { method: 'GET', ...options });
  }

  chat(wish: ChatWish, options?: SendOptions): Promise<Answer> {
    return this.post(this.driver.chatPath, this.driver.chat(wish), options);
  }

  /** Says one sentence to the model under test. */
  say(text: string, more: Partial<ChatWish> = {}, options?: SendOptions): Promise<Answer> {
    return this.chat({ model: this.model, turns: [{ role: 'user', text }], ...more }, options);
  }

  readWhole(answer: Answer): ReadAnswer | undefined {
    return answer.status === 200 ? this.driver.readWhole(answer.json) : undefined;
  }

  /** A question that nobody asked before, so that no cache answers it. */
  freshQuestion(): string {
    this.#asked += 1;
    const stamp = `${this.parts.clock.now()}-${this.#asked}`;
    return `Tell me of the harbour. (${stamp})`;
  }

  /** The name by which the gateway knows one of the scripted vendor’s models. */
  scripted(name: string): string {
    return this.parts.wish.upstreamPrefix + name;
  }

  /** What the vendor saw of its model since `from`. */
  seenBy(name: string, from = 0): readonly VendorRecord[] {
    const all = this.parts.vendor?.records() ?? [];
    return all.filter((record) => record.model === name && record.receivedAt >= from);
  }

  /** Waits until the condition holds, at most so many milliseconds. */
  async until(condition: () => boolean, ms: number): Promise<void> {
    const end = this.parts.clock.elapsed() + ms;
    while (!condition() && this.parts.clock.elapsed() < end) await this.parts.wait(10);
  }

  async send(path: string, options: SendOptions, body?: string | Uint8Array): Promise<Answer> {
    const { gateway, wish, clock, key } = this.parts;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.parts.signal, leaving.signal]);
    const received = new Reception(clock);
    const request: GatewayRequest = {
      method: options.method ?? 'GET',
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.driver.headers(key),
        ...wish.headers,
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
      withinMs: options.withinMs ?? this.patienceMs,
    };
    const leave = () => leaving.abort(new CadreError('cancelled', 'the client left'));
    if (options.leaveAfterMs !== undefined) void this.parts.wait(options.leaveAfterMs).then(leave);
    try {
      const answer = await gateway.doSend(request, { signal });
      received.begin(answer.status, answer.headers);
      for await (const chunk of answer.body) {
        received.add(chunk);
        if (options.leaveWhen?.(received.text)) leave();
      }
    } catch (thrown) {
      // Ctrl-C ends the whole run; everything else is something that the gateway did.
      this.parts.signal.throwIfAborted();
      if (!leaving.signal.aborted) received.break(thrown);
    }
    return received.finish((text) => this.#withoutSecrets(text));
  }

  /** Some gateways repeat a key in their errors; a header may be a secret too. */
  #withoutSecrets(text: string): string {
    const { key, wish } = this.parts;
    const secrets = [key ?? '', ...Object.values(wish.headers)].filter((one) => one.length >= 8);
    return secrets.reduce((left, secret) => left.replaceAll(secret, '•••'), text);
  }
}

class Reception {
  readonly #clock: Clock;
  readonly #sentAt: number;
  readonly #decoder = new TextDecoder();
  readonly #marks: { at: number; length: number }[] = [];
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #problem: string | undefined;
  text = '';

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sentAt = clock.elapsed();
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#status = status;
    this.#headers = headers;
  }

  add(chunk: Uint8Array): void {
    this.text += this.#decoder.decode(chunk, { stream: true });
    this.#marks.push({ at: this.#clock.elapsed(), length: this.text.length });
  }

  break(thrown: unknown): void {
    this.#problem = thrown instanceof Error ? thrown.message : String(thrown);
  }

  finish(withoutSecrets: (text: string) => string): Answer {
    const text = withoutSecrets(this.text + this.#decoder.decode());
    return {
      status: this.#status,
      headers: this.#headers,
      text,
      json: readJson(text),
      problem: this.#problem,
      sentAt: this.#sentAt,
      ms: this.#clock.elapsed() - this.#sentAt,
      marks: this.#marks,
    };
  }
}

/** Status and trouble of an answer in a few words. */
export function describe(answer: Answer): string {
  const status = answer.status === 0 ? 'no answer' : `status ${answer.status}`;
  return answer.problem === undefined ? status : `${status}, ${answer.problem}`;
}
