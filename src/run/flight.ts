import type { CadreEvent } from '../core/events.ts';
import type { SharedAnswer } from '../core/shared-answer.ts';
import { bytesOf } from './answer-cache.ts';

/** How a flight ended for one of its readers. */
export type Landing<Ending> =
  | { readonly end: 'answered'; readonly ending: Ending }
  /** The leader went away while nobody else read, or it failed for a reason of its own: somebody else has to lead. */
  | { readonly end: 'left' }
  /** Its answer is not for others: each computes his own. */
  | { readonly end: 'alone' }
  | { readonly end: 'failed'; readonly error: unknown };

export interface FlightOptions<Ending> {
  /** Whether an event, and the answer that it begins, may be seen by others. */
  readonly isForAll: (event: CadreEvent) => boolean;
  /** Where the answer comes from, as followers are told. */
  readonly tell: () => SharedAnswer;
  /** Whether an error concerns the leader only: he gave up, his time or money is over. */
  readonly isOwnError: (error: unknown) => boolean;
  /** Called once, when the answer is complete and others may have it; `events` are all of them. */
  readonly onAnswered: (events: readonly CadreEvent[], ending: Ending) => void;
  /** Called once, when nobody can join any more. */
  readonly onClosed: () => void;
  /** Called when the last follower of an answer under way has gone; `isLeft`: so has the leader. */
  readonly onDeserted: (isLeft: boolean) => void;
  /** Bytes after which nobody can join any more and events that all have read are forgotten. */
  readonly most: number;
}

/** Events are forgotten in runs, so that each is moved once. */
const FORGET_RUN = 256;

/**
 * One answer under way that several read, each at his own pace. The source goes on when the fastest
 * reader wants more, so that a slow one, the leader too, holds up nobody and an unread answer is not
 * computed ahead.
 */
export class Flight<Ending> {
  readonly #source: AsyncGenerator<CadreEvent, Ending>;
  readonly #options: FlightOptions<Ending>;
  readonly #readers = new Set<{ position: number }>();
  readonly #ended = Promise.withResolvers<void>();
  #followers = 0;
  #isLeft = false;
  /** Those from `#offset` on. */
  #events: CadreEvent[] = [];
  #offset = 0;
  #bytes = 0;
  #landing: Landing<Ending> | undefined;
  /** Where it differs from the leader's. */
  #followersLanding: Landing<Ending> | undefined;
  #pulling: Promise<void> | undefined;
  #isClosed = false;

  constructor(source: AsyncGenerator<CadreEvent, Ending>, options: FlightOptions<Ending>) {
    this.#source = source;
    this.#options = options;
  }

  /**
   * Yields the events from the first and returns how it ended for this reader. `wait` gives up a
   * promise when the reader's own signal aborts.
   */
  async *read(
    role: 'leader' | 'follower',
    wait: (promise: Promise<void>) => Promise<void>,
  ): AsyncGenerator<CadreEvent, Landing<Ending>> {
    const reader = { position: 0 };
    this.#readers.add(reader);
    if (role === 'follower') this.#followers += 1;
    try {
      for (;;) {
        if (role === 'follower' && this.#followersLanding) return this.#followersLanding;
        const event = this.#events[reader.position - this.#offset];
        if (event !== undefined) {
          reader.position += 1;
          this.#forgetRead();
          yield event;
        } else if (this.#landing !== undefined) return this.#landing;
        else await wait(this.#pull());
      }
    } finally {
      this.#readers.delete(reader);
      if (role === 'follower') this.#lose();
    }
  }

  /** Whether others than the leader read. */
  get hasFollowers(): boolean {
    return this.#followers > 0;
  }

  tell(): SharedAnswer {
    return this.#options.tell();
  }

  /**
   * The leader stops. Where others read, the answer goes on for them and this resolves at its end; what
   * the source holds is given back before.
   */
  async leave(): Promise<void> {
    if (this.#landing !== undefined) return;
    this.#isLeft = true;
    if (this.hasFollowers) return this.#ended.promise;
    await this.#stop();
  }

  #lose(): void {
    this.#followers -= 1;
    if (this.#followers > 0 || this.#landing !== undefined) return;
    if (this.#isLeft) void this.#stop();
    else this.#options.onDeserted(false);
  }

  async #stop(): Promise<void> {
    this.#landing ??= { end: 'left' };
    this.#close();
    // What the source waits for ends first: a generator returns only between two events.
    this.#options.onDeserted(true);
    await this.#source.return(undefined as Ending).catch(() => undefined);
    this.#ended.resolve();
  }

  #pull(): Promise<void> {
    this.#pulling ??= this.#next().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #next(): Promise<void> {
    try {
      const step = await this.#source.next();
      if (this.#landing !== undefined) return;
      if (step.done !== true) {
        this.#keep(step.value);
        return;
      }
      if (!this.#isClosed) this.#options.onAnswered(this.#events, step.value);
      this.#land({ end: 'answered', ending: step.value });
    } catch (error) {
      if (this.#options.isOwnError(error)) this.#followersLanding ??= { end: 'left' };
      this.#land({ end: 'failed', error });
    }
  }

  #keep(event: CadreEvent): void {
    this.#events.push(event);
    if (!this.#options.isForAll(event)) {
      this.#followersLanding ??= { end: 'alone' };
      this.#close();
    }
    if (this.#isClosed) return;
    this.#bytes += bytesOf(event);
    if (this.#bytes > this.#options.most) this.#close();
  }

  #land(landing: Landing<Ending>): void {
    this.#landing ??= landing;
    this.#close();
    this.#ended.resolve();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClosed();
  }

  /** Once nobody can join, what all have read is not needed any more. */
  #forgetRead(): void {
    if (!this.#isClosed) return;
    let slowest = Number.POSITIVE_INFINITY;
    for (const { position } of this.#readers) slowest = Math.min(slowest, position);
    const read = slowest - this.#offset;
    if (read < FORGET_RUN || !Number.isFinite(read)) return;
    this.#events = this.#events.slice(read);
    this.#offset = slowest;
  }
}
