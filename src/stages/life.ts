import { endingBy } from '../base/deadlines.ts';
import { type Call, readersOf } from '../core/call.ts';
import { addUsage, type TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import type { StageTiming, Total } from '../core/receipt.ts';
import { mostPromptTokens } from '../core/worst-cost.ts';
import type { GateSpoke } from '../gate/route.ts';
import { ReceiptBuilder } from '../record/receipt-builder.ts';
import { openSpokes } from './open-spokes.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { estimateTokens } from './prompt-length.ts';
import { type WantedSpokes, wantedSpokes } from './wanted-spokes.ts';

/** One request while it lives: its signal, its events so far and the receipt that grows from them. */
export class Life {
  readonly call: Call;
  /** Ends the work; usually when the caller leaves, later where others read the answer too. */
  signal: AbortSignal;
  readonly builder: ReceiptBuilder;
  readonly events: CadreEvent[] = [];
  /** The farm as it stood when the request came, as far as its key may use it. */
  readonly spokes: readonly SpokeRuntime[];
  readonly #parts: PipelineParts;
  readonly #startedAt: number;
  /** US dollars that the request and its children may spend; set when policy has looked. */
  budgetLeft: number;
  /** US dollars set aside of the key's day; no limit where the key has none. */
  reserved = Number.POSITIVE_INFINITY;
  /** What delegated requests used and cost. */
  readonly delegated: { usage: TokenUsage; cost: number; joules: number } = {
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
    cost: 0,
    joules: 0,
  };
  /** Set once the receipt is stored; nothing is recorded twice. */
  recorded = false;
  /** US dollars that attempts under way may still cost. */
  underWay = 0;
  #mostPromptTokens: number | undefined;
  #promptTokens: number | undefined;
  #wanted: WantedSpokes | undefined;
  #gates: readonly GateSpoke[] | undefined;
  /** The reservation's settlement, which is stored with the receipt. */
  settled: Promise<void> | undefined;

  constructor(parts: PipelineParts, call: Call, caller: AbortSignal) {
    this.#parts = parts;
    this.spokes = openSpokes(parts.spokes(), readersOf(call.caller));
    this.call = call;
    this.#startedAt = parts.clock.elapsed();
    const now = parts.clock.now();
    this.signal = endingBy(caller, call.deadline, now);
    this.budgetLeft = call.budgetLeft ?? parts.config.policy.budgetPerRequest;
    this.builder = new ReceiptBuilder({ call, at: now });
  }

  /** What a vendor may count for the request's prompt at most; read once, where somebody has a price. */
  get mostPromptTokens(): number {
    const isPriced = () => this.gates.some((spoke) => spoke.price !== undefined);
    this.#mostPromptTokens ??= isPriced() ? mostPromptTokens(this.call.request) : 0;
    return this.#mostPromptTokens;
  }

  /** The prompt's length as far as it can be told without its model. */
  get promptTokens(): number {
    this.#promptTokens ??= estimateTokens(this.call.request);
    return this.#promptTokens;
  }

  /** The spokes that the request's model name stands for. */
  get wanted(): WantedSpokes {
    this.#wanted ??= wantedSpokes(this.call.request.model, this.gates);
    return this.#wanted;
  }

  /** The spokes as the gate sees them. */
  get gates(): readonly GateSpoke[] {
    this.#gates ??= this.spokes.map((spoke) => spoke.gate);
    return this.#gates;
  }

  /** Notes an event for receipt and replay and hands it on. */
  see<T extends CadreEvent>(event: T): T {
    this.events.push(event);
    this.builder.observe(event, this.elapsed());
    return event;
  }

  /** Forgets the events from the given place on: the answer is begun again. */
  forgetFrom(place: number): void {
    this.events.length = place;
    this.builder.forgetAnswer();
  }

  /** Adds what a delegated request used, with all that it delegated itself. */
  addDelegated({ usage, cost, energy }: Total): void {
    const sum = this.delegated;
    sum.usage = addUsage(sum.usage, usage);
    sum.cost += cost.total;
    sum.joules += energy.joules;
  }

  /** Milliseconds until the deadline. */
  get leftMs(): number {
    return this.call.deadline - this.#parts.clock.now();
  }

  /** Milliseconds since the request was accepted. */
  elapsed(): number {
    return this.#parts.clock.elapsed() - this.#startedAt;
  }

  /** Runs one stage and notes how long it took. */
  async timed<T>(stage: StageTiming['stage'], body: () => Promise<T> | T): Promise<T> {
    const start = this.elapsed();
    try {
      return await body();
    } finally {
      this.builder.addStage(stage, this.elapsed() - start);
    }
  }
}
