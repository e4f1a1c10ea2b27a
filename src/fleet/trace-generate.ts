import { seededRandom } from '../base/random.ts';
import type { Trace, TraceModel, TraceRequest } from './trace.ts';

export const TRACE_KINDS = ['zipf', 'bursty', 'daily'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** Bytes (4,096 tokens, two conversations) and milliseconds of loading as measured of three models. */
const SIZES = {
  '135m': { bytes: 378_000_000, loadMs: 1000 },
  '0.5b': { bytes: 809_000_000, loadMs: 2500 },
  '1.5b': { bytes: 1_577_000_000, loadMs: 5000 },
} as const;

/** A hub of 1.5B, three specialists of 0.5B and eight of 135M. */
export const EXAMPLE_FARM: readonly TraceModel[] = [
  { id: 'hub-1.5b', ...SIZES['1.5b'] },
  ...[1, 2, 3].map((number) => ({ id: `specialist-0.5b-${number}`, ...SIZES['0.5b'] })),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
    id: `specialist-135m-${number}`,
    ...SIZES['135m'],
  })),
];

export interface TraceWish {
  readonly kind: TraceKind;
  readonly seed: number;
  readonly models: readonly TraceModel[];
  readonly requests: number;
  /** Requests per second, on the average over the trace. */
  readonly rate: number;
}

/** Users of a bursty trace and of a daily one. */
const USERS = 24;
/** Requests of a sitting, and seconds of thought between two. */
const SITTING = 9;
const THINKING_MS = 6000;
/** Steps of an agent's loop and milliseconds between two: the tools that it runs. */
const LOOP = 7;
const TOOL_MS = 3000;
/** Share of requests after which a model and the next in rank change places. */
const DRIFT = 0.01;
/** Mean service of a model with a gigabyte; it grows with the root of the size. */
const SERVICE_MS = 1500;

/**
 * A trace made by chance, the same for the same seed. `zipf`: independent requests, the model of rank
 * r asked in proportion to 1/r, ranks drifting. `bursty`: users in sittings, each mostly with his own
 * model. `daily`: agents that go back and forth between a planner and a worker, most of them at two
 * times of the day. Times between requests are exponential.
 */
export function generateTrace(wish: TraceWish): Trace {
  const draw = new Draws(seededRandom(wish.seed), wish);
  const requests = GENERATORS[wish.kind](draw, wish);
  return { models: wish.models, requests: requests.sort((a, b) => a.at - b.at) };
}

class Draws {
  readonly random: () => number;
  readonly #models: readonly TraceModel[];

  constructor(random: () => number, { models }: TraceWish) {
    this.random = random;
    this.#models = models;
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.random()) * mean;
  }

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  model(): TraceModel {
    const model = this.#models[this.below(this.#models.length)];
    if (model === undefined) throw new RangeError('a trace needs at least one model');
    return model;
  }

  shuffled(): TraceModel[] {
    return this.#models
      .map((model) => ({ model, order: this.random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ model }) => model);
  }

  request(at: number, model: TraceModel, key: string): TraceRequest {
    const mean = SERVICE_MS * Math.sqrt(model.bytes / 1e9);
    const serviceMs = Math.max(50, Math.round(this.exponential(mean)));
    const rest = { key, priority: 'interactive', group: '' } as const;
    return { at: Math.round(at), model: model.id, serviceMs, ...rest };
  }
}

const GENERATORS: Readonly<Record<TraceKind, (draw: Draws, wish: TraceWish) => TraceRequest[]>> = {
  zipf: generateZipf,
  bursty: generateBursty,
  daily: generateDaily,
};

function generateZipf(draw: Draws, { requests: count, rate }: TraceWish): TraceRequest[] {
  const ranks = draw.shuffled();
  const total = ranks.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
  const requests: TraceRequest[] = [];
  let at = 0;
  while (requests.length < count) {
    at += draw.exponential(1000 / rate);
    if (draw.random() < DRIFT && ranks.length > 1) {
      const rank = draw.below(ranks.length - 1);
      ranks.splice(rank, 2, ...ranks.slice(rank, rank + 2).reverse());
    }
    let left = draw.random() * total;
    const chosen = ranks.find((_, rank) => {
      left -= 1 / (rank + 1);
      return left <= 0;
    });
    const model = chosen ?? ranks[0];
    if (model) requests.push(draw.request(at, model, `user-${draw.below(USERS)}`));
  }
  return requests;
}

function generateBursty(draw: Draws, { requests: count, rate }: TraceWish): TraceRequest[] {
  const favourites = Array.from({ length: USERS }, () => draw.model());
  const requests: TraceRequest[] = [];
  while (requests.length < count) {
    const user = draw.below(USERS);
    const favourite = favourites[user] ?? draw.model();
    let at = (draw.random() * count * 1000) / rate;
    for (let left = 1 + draw.exponential(SITTING); left > 0; left -= 1) {
      const model = draw.random() < 0.9 ? favourite : draw.model();
      requests.push(draw.request(at, model, `user-${user}`));
      at += 500 + draw.exponential(THINKING_MS);
    }
  }
  return requests;
}

function generateDaily(draw: Draws, { requests: count, rate }: TraceWish): TraceRequest[] {
  const requests: TraceRequest[] = [];
  while (requests.length < count) {
    const user = draw.below(USERS);
    let at = (busyHour(draw) * count * 1000) / rate;
    const [planner, worker] = [draw.model(), draw.model()];
    for (let left = 1 + draw.exponential(LOOP); left > 0; left -= 1)
      for (const model of [planner, worker]) {
        requests.push(draw.request(at, model, `user-${user}`));
        at += 300 + draw.exponential(TOOL_MS);
      }
  }
  return requests;
}

/** A moment of the day, 0 … 1: two humps and quiet nights. */
function busyHour(draw: Draws): number {
  for (;;) {
    const moment = draw.random();
    const busy = 0.1 + 0.45 * (1 - Math.cos(4 * Math.PI * moment));
    if (draw.random() <= busy) return moment;
  }
}
