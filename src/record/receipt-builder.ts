import type { Call } from '../core/call.ts';
import { addUsage, type FinishReason, type TokenUsage } from '../core/chat.ts';
import type {
  AnswerAssessment,
  CheckResult,
  PolicyVerdict,
  RouteDecision,
} from '../core/decision.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { type Citation, deviationsOf, type Passage } from '../core/evidence.ts';
import type { Price } from '../core/price.ts';
import type {
  Attempt,
  Cost,
  Energy,
  Outcome,
  ReadingRecord,
  Receipt,
  SourceReference,
  StageTiming,
  Total,
} from '../core/receipt.ts';
import type { ShadowOutcome } from '../core/shadow.ts';
import type { SharedAnswer } from '../core/shared-answer.ts';
import type { KeptText } from '../core/stores.ts';
import { AnswerGrounds } from './answer-grounds.ts';
import { priceOf } from './cost.ts';
import { given } from './given.ts';
import { boundedEvents } from './keep.ts';
import { recordReading } from './reading.ts';
import { inThousandths, placeOf, referenceOf } from './source-reference.ts';
import { wordlessReceipt } from './wordless.ts';

/** How a request ended. */
export interface ReceiptEnding {
  readonly outcome: Outcome;
  readonly totalMs: number;
  readonly featureHashes: readonly number[];
  readonly cost: Cost;
  readonly energy: Energy;
  readonly total?: Total;
  readonly shared?: SharedAnswer;
  readonly shadow?: ShadowOutcome;
  readonly confidence?: number;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** A spoke's price, US dollars per million tokens; local spokes have none. */
export interface PricedSpoke {
  readonly id: string;
  readonly price?: Price | undefined;
}

/**
 * Folds what the pipeline tells about one request into its receipt. A receipt outlives kept text, so
 * it never holds any: sentences of checks, everything quoted and vendors' messages are in `keptText`.
 */
export class ReceiptBuilder {
  readonly grounds: AnswerGrounds;
  readonly #call: Call;
  readonly #at: number;
  readonly #attempts: Attempt[] = [];
  readonly #stages = new Map<StageTiming['stage'], number>();
  readonly #children = new Set<string>();
  readonly #sources = new Map<string, SourceReference>();
  readonly #warnings = new Set<string>();
  readonly #checks: CheckResult[] = [];
  readonly #assessments: AnswerAssessment[] = [];
  readonly #answers = new Map<number, string>();
  readonly #citations: Citation[] = [];
  #reading: ReadingRecord | undefined;
  #policy: PolicyVerdict | undefined;
  #route: RouteDecision | undefined;
  #abstention: { readonly reason: string } | undefined;
  #finishReason: FinishReason | undefined;
  #firstTokenMs: number | undefined;

  constructor(options: { readonly call: Call; readonly at: number }) {
    this.#call = options.call;
    this.#at = options.at;
    this.grounds = new AnswerGrounds(options.call.standsOn);
  }

  /** `elapsedMs` = milliseconds since the request was accepted. */
  observe(event: CadreEvent, elapsedMs: number): void {
    this.grounds.observe(event);
    switch (event.type) {
      case 'policy-judged':
        this.#policy = event.verdict;
        return;
      case 'route-decided':
        this.#route = event.decision;
        return;
      case 'source-found':
        this.#addPassage(event.passage);
        return;
      case 'reading-step':
      case 'reading-ended':
        this.#reading = recordReading(this.#reading, event);
        return;
      case 'check-passed':
      case 'check-failed':
        this.#checks.push(event.result);
        return;
      case 'answer-assessed':
        this.#assessments.push(event.assessment);
        return;
      case 'text-delta':
        if (event.text !== '') this.#firstTokenMs ??= elapsedMs;
        this.#addText(event.choice, event.text, event.citations ?? []);
        return;
      case 'answer-relayed':
      case 'thinking-delta':
      case 'tool-call-delta':
        this.#firstTokenMs ??= elapsedMs;
        return;
      case 'step-started':
        this.addChild(event.receipt);
        return;
      case 'answer-abstained':
        this.#abstention = { reason: event.abstention.reason };
        return;
      case 'choice-ended':
        if (event.choice === 0) this.#finishReason = event.finishReason;
        return;
      default:
    }
  }

  /** The answer is begun again. */
  forgetAnswer(): void {
    this.#answers.clear();
    this.#citations.length = 0;
    this.#checks.length = 0;
    this.#assessments.length = 0;
    this.#abstention = undefined;
  }

  addAttempt(attempt: Attempt): void {
    this.#attempts.push(attempt);
  }

  /** Adds to what the stage has taken so far; clocks that jump back count as 0. */
  addStage(stage: StageTiming['stage'], ms: number): void {
    this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + Math.max(0, ms));
  }

  addChild(id: string): void {
    this.#children.add(id);
  }

  /** What the caller should know of the collection that the answer comes from. */
  warn(warnings: readonly string[] = []): void {
    for (const one of warnings) this.#warnings.add(one);
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /**
   * Tokens that the caller is told and counted: those of all attempts, also of answers that were not
   * shown; but what an attempt used that failed, or was slower, beside one that answered is the
   * house's own affair. It is in `spent` all the same, because its vendor may want money for it.
   */
  get usage(): TokenUsage {
    const isAnswered = this.#attempts.some((one) => one.outcome === 'released');
    let sum: TokenUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
    for (const { outcome, usage } of this.#attempts)
      if (!isAnswered || (outcome !== 'failed' && outcome !== 'cancelled'))
        sum = addUsage(sum, usage);
    return sum;
  }

  /**
   * US dollars that remote attempts cost so far.
   */
  spent(spokes: readonly PricedSpoke[]): number {
    let dollars = 0;
    for (const { spoke, destination, usage } of this.#attempts) {
      const price = spokes.find((one) => one.id === spoke)?.price;
      if (destination === 'local' || price === undefined) continue;
      dollars += priceOf(usage, price);
    }
    return dollars;
  }

  /**
   * What is stored beside the receipt and deleted sooner: the first choice, its citations, all
   * `events`, and the receipt's fields with their words. Undefined for a caller who keeps no text.
   */
  keptText(
    prompt: string,
    events: readonly CadreEvent[],
    error?: ReceiptEnding['error'],
  ): KeptText | undefined {
    if (!this.#call.caller.keepsText) return undefined;
    return {
      prompt,
      answer: this.#answers.get(0) ?? '',
      citations: [...this.#citations],
      events: boundedEvents(events),
      checks: [...this.#checks],
      attempts: [...this.#attempts],
      ...given('abstention', this.#abstention),
      ...given('error', error),
    };
  }

  /** The receipt without words, for every caller. */
  build(ending: ReceiptEnding): Receipt {
    const { id, parent, depth, request, caller } = this.#call;
    return wordlessReceipt({
      id,
      ...given('parent', parent),
      children: [...this.#children],
      depth,
      at: this.#at,
      requestedModel: request.model,
      key: caller.key,
      outcome: ending.outcome,
      ...given('policy', this.#policy),
      ...given('route', this.#route),
      attempts: this.#attempts.map(inMicroseconds),
      sources: [...this.#sources.values()],
      ...given('standsOn', this.grounds.standsOn),
      ...given('warnings', this.#warnings.size === 0 ? undefined : [...this.#warnings]),
      ...given('reading', this.#reading),
      checks: [...this.#checks],
      ...(this.#assessments.length === 0 ? {} : { assessments: [...this.#assessments] }),
      ...given('abstention', this.#abstention),
      ...given('error', ending.error),
      ...given('finishReason', this.#finishReason),
      usage: this.usage,
      ...given('firstTokenMs', this.#firstTokenMs && rounded(this.#firstTokenMs)),
      totalMs: rounded(ending.totalMs),
      stages: [...this.#stages].map(([stage, ms]) => ({ stage, ms: rounded(ms) })),
      cost: ending.cost,
      energy: ending.energy,
      ...given('total', ending.total),
      ...given('confidence', ending.confidence),
      ...given('cache', ending.shared && originOf(ending.shared)),
      ...given('shadow', ending.shadow),
      featureHashes: ending.featureHashes,
      ledger: null,
    });
  }

  #addPassage(passage: Passage): void {
    const deviations = deviationsOf(passage);
    const found = {
      score: passage.score,
      ...given('deviations', deviations && inThousandths(deviations)),
    };
    for (const sentence of passage.sentences) {
      const key = placeOf(sentence);
      const known = this.#sources.get(key);
      if (known === undefined || known.score < passage.score)
        this.#sources.set(key, referenceOf(sentence, { ...found, cited: known?.cited ?? false }));
    }
  }

  #addText(choice: number, text: string, citations: readonly Citation[]): void {
    this.#answers.set(choice, (this.#answers.get(choice) ?? '') + text);
    if (choice === 0) this.#citations.push(...citations);
    for (const { sentence } of citations) {
      const key = placeOf(sentence);
      const { score = 0, deviations } = this.#sources.get(key) ?? {};
      const found = { score, ...given('deviations', deviations), cited: true };
      this.#sources.set(key, referenceOf(sentence, found));
    }
  }
}

/** Milliseconds to the microsecond: what a clock adds behind it is noise that takes room in every row. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function inMicroseconds(attempt: Attempt): Attempt {
  const { promptMs, generationMs } = attempt;
  return { ...attempt, promptMs: rounded(promptMs), generationMs: rounded(generationMs) };
}

function originOf({ usage: _usage, ...origin }: SharedAnswer): Receipt['cache'] {
  return origin;
}
