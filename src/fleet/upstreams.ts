import type { DestinationConfig } from '../core/config.ts';
import type { CadreEvent } from '../core/events.ts';
import { FAULT_TABLE, type Fault } from '../core/fault.ts';
import type { CallOptions } from '../core/ports.ts';
import { Circuit } from './circuit.ts';
import { FirstTokens } from './first-tokens.ts';
import { planRetry, type RetryAnswer, RetryBudget, type RetryWish } from './retry.ts';

export type CircuitChange = Extract<CadreEvent, { type: 'circuit-changed' }>;

export type Entry =
  | {
      readonly allowed: true;
      readonly probe: boolean;
      readonly changes: readonly CircuitChange[];
    }
  | { readonly allowed: false; readonly reason: string; readonly retryAfter: number };

interface Upstream {
  readonly id: string;
  readonly circuit: Circuit;
  lastFault: Fault | undefined;
}

interface Destination extends Upstream {
  readonly config: DestinationConfig;
  readonly budget: RetryBudget;
  readonly models: Map<string, RemoteModel>;
  /** It and those of its models whose circuit is not closed: usually none. */
  readonly troubled: Set<Upstream>;
}

interface RemoteModel extends Upstream {
  readonly firstTokens: FirstTokens;
}

const OPEN: Entry = { allowed: true, probe: false, changes: [] };

/**
 * What the farm has lately seen of remote models: circuits per destination and per model there, what
 * is left for repetitions, how soon answers begin. Models are named `DESTINATION/MODEL`; a local one
 * has no circuit and is always let through.
 */
export class Upstreams {
  readonly #destinations: ReadonlyMap<string, Destination>;
  readonly #elapsed: () => number;
  readonly #random: () => number;
  readonly #log: (line: string) => void;
  readonly wait: (ms: number, options: CallOptions) => Promise<void>;

  constructor(options: {
    readonly destinations: readonly DestinationConfig[];
    readonly elapsed: () => number;
    /** Uniform in [0, 1). */
    readonly random: () => number;
    /** Rejects with the signal's reason at once. */
    readonly wait: (ms: number, options: CallOptions) => Promise<void>;
    /** For the operator: which circuit opened and why, and which one closed. */
    readonly log: (line: string) => void;
    /**
     * What was seen before the configuration changed: destinations that stayed as they are share it
     * with the requests that are still under way there.
     */
    readonly before?: Upstreams | undefined;
  }) {
    const { before } = options;
    this.#elapsed = options.elapsed;
    this.#random = options.random;
    this.wait = options.wait;
    this.#log = options.log;
    this.#destinations = new Map(
      options.destinations.map((config) => [
        config.id,
        (before === undefined ? undefined : before.#keptOf(config)) ?? {
          id: config.id,
          config,
          circuit: circuitOf(config),
          budget: new RetryBudget(config.retry),
          models: new Map(),
          troubled: new Set(),
          lastFault: undefined,
        },
      ]),
    );
  }

  /** No model has a problem; looked at with every request, where all models would be many. */
  get isQuiet(): boolean {
    for (const { troubled } of this.#destinations.values()) if (troubled.size > 0) return false;
    return true;
  }

  #keptOf(config: DestinationConfig): Destination | undefined {
    const known = this.#destinations.get(config.id);
    return JSON.stringify(known?.config) === JSON.stringify(config) ? known : undefined;
  }

  /** Why nothing is sent to the model now, in words; undefined = something may be. */
  problemOf(model: string): string | undefined {
    if (this.isQuiet) return undefined;
    const now = this.#elapsed();
    const blocked = this.#pathOf(model).find((one) => one.circuit.look(now) === 'blocked');
    return blocked && problemWords(blocked, now);
  }

  /** Seconds until something may be sent to the model; undefined where something may be now. */
  waitOf(model: string): number | undefined {
    const now = this.#elapsed();
    const blocked = this.#pathOf(model).filter((one) => one.circuit.look(now) === 'blocked');
    if (blocked.length === 0) return undefined;
    return Math.max(1, ...blocked.map((one) => Math.ceil(one.circuit.remaining(now) / 1000)));
  }

  /** Leave to send one request; each one that is allowed must be reported by one of the next three. */
  enter(model: string, isRepeat: boolean): Entry {
    const path = this.#pathOf(model);
    const [destination] = path;
    if (destination === undefined) return OPEN;
    const now = this.#elapsed();
    const blocked = path.find((one) => one.circuit.look(now) === 'blocked');
    if (blocked !== undefined) {
      return {
        allowed: false,
        reason: problemWords(blocked, now),
        retryAfter: this.waitOf(model) ?? 1,
      };
    }
    if (!isRepeat) destination.budget.earn();
    const changes = path.flatMap((one): CircuitChange[] =>
      one.circuit.enter(now) === 'probe' ? [changeOf(one, 'half-open')] : [],
    );
    return changes.length === 0 ? OPEN : { allowed: true, probe: true, changes };
  }

  /** The model answered; `firstTokenMs` from the request to the first token, where there was one. */
  answered(model: string, firstTokenMs: number | undefined): readonly CircuitChange[] {
    if (firstTokenMs !== undefined) this.#pathOf(model)[1]?.firstTokens.add(firstTokenMs);
    const path = this.#pathOf(model);
    const [destination] = path;
    if (destination === undefined) return [];
    return path.flatMap((one) => (one.circuit.succeed() ? [this.#closed(one, destination)] : []));
  }

  failed(model: string, fault: Fault, retryAfterMs: number | undefined): readonly CircuitChange[] {
    const path = this.#pathOf(model);
    const [destination] = path;
    if (destination === undefined) return [];
    const { trips } = FAULT_TABLE[fault];
    return path.flatMap((one): CircuitChange[] => {
      const isDestination = one === destination;
      const counts = trips === (isDestination ? 'destination' : 'model');
      if (counts) {
        one.lastFault = fault;
        return one.circuit.fail(this.#elapsed(), retryAfterMs)
          ? [this.#opened(one, destination)]
          : [];
      }
      // A destination that says no to a model answers; nothing is known of the model behind a dead one.
      if (trips === 'destination') one.circuit.leave();
      else if (one.circuit.succeed()) return [this.#closed(one, destination)];
      return [];
    });
  }

  /** The request ended for a reason of the house or of the caller: nothing was learnt. */
  left(model: string, probe: boolean): void {
    if (probe) for (const one of this.#pathOf(model)) one.circuit.leave();
  }

  /** Whether and when the same model is asked again; takes it from what is left for repetitions. */
  again(model: string, wish: Omit<RetryWish, 'random'>): RetryAnswer {
    const [destination] = this.#pathOf(model);
    if (destination === undefined) return { refused: 'it runs here' };
    const answer = planRetry({ ...wish, random: this.#random() }, destination.config.retry);
    if ('refused' in answer) return answer;
    // A circuit that has just opened is not argued with, and costs no repetition.
    const problem = this.problemOf(model);
    if (problem !== undefined) return { refused: problem };
    if (destination.budget.spend()) return answer;
    return { refused: `the share of repetitions for ${destination.id} is used up` };
  }

  /** Milliseconds within which 95 % of the model's answers began; undefined before 20 were seen. */
  usualFirstToken(model: string): number | undefined {
    return this.#pathOf(model)[1]?.firstTokens.p95;
  }

  /** The destination and the model there; nothing for a local model. */
  #pathOf(model: string): readonly [Destination, RemoteModel] | readonly [] {
    const slash = model.indexOf('/');
    const destination = slash < 0 ? undefined : this.#destinations.get(model.slice(0, slash));
    if (destination === undefined) return [];
    const known = destination.models.get(model);
    if (known !== undefined) return [destination, known];
    const made: RemoteModel = {
      id: model,
      circuit: circuitOf(destination.config),
      firstTokens: new FirstTokens(),
      lastFault: undefined,
    };
    destination.models.set(model, made);
    return [destination, made];
  }

  #closed(one: Upstream, { troubled }: Destination): CircuitChange {
    troubled.delete(one);
    this.#log(`${one.id} answers again`);
    return changeOf(one, 'closed');
  }

  #opened(one: Upstream, { troubled }: Destination): CircuitChange {
    troubled.add(one);
    this.#log(problemWords(one, this.#elapsed()));
    return { ...changeOf(one, 'open'), forMs: one.circuit.remaining(this.#elapsed()) };
  }
}

function circuitOf({ breaker }: DestinationConfig): Circuit {
  return new Circuit({
    failures: breaker.failures,
    pauseMs: breaker.seconds * 1000,
    longestMs: breaker.longestSeconds * 1000,
  });
}

function changeOf({ id }: Upstream, state: CircuitChange['state']): CircuitChange {
  return { type: 'circuit-changed', circuit: id, state };
}

function problemWords({ id, circuit, lastFault }: Upstream, now: number): string {
  const seconds = Math.ceil(circuit.remaining(now) / 1000);
  const last = lastFault === undefined ? '' : `, the last time: ${FAULT_TABLE[lastFault].words}`;
  const next = seconds > 0 ? `it is asked again in ${seconds} s` : 'one request is finding out now';
  return `${id} failed ${circuit.failures} times in a row${last}; ${next}`;
}
