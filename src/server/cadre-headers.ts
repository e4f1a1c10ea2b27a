import type { CadreEvent } from '../core/events.ts';
import type { Receipt } from '../core/receipt.ts';
import type { SharedKind } from '../core/shared-answer.ts';
import type { Headers } from './respond.ts';

/** Longer reasons are for the receipt. */
const REASON_LENGTH = 120;

/**
 * What an answer's headers say about it: `x-cadre-receipt`, `-spoke`, `-reason`, `-cache` where
 * the answer was computed for another request, and once the whole
 * answer is there `-cost` (US dollars) and `-overhead-ms` (time that no model worked).
 */
export class CadreHeaders {
  readonly #id: string;
  #spoke: string | undefined;
  #reason: string | undefined;
  #shared: SharedKind | undefined;
  #receipt: Receipt | undefined;

  /** `id` of the request, which is that of its receipt. */
  constructor(id: string) {
    this.#id = id;
  }

  see(event: CadreEvent): void {
    if (event.type === 'route-decided') {
      this.#spoke = event.decision.spoke;
      this.#reason = event.decision.reasons[0];
    } else if (event.type === 'route-escalated') {
      this.#spoke = event.to;
      this.#reason = `${event.from} ${event.failed ? 'failed' : 'was not good enough'}`;
    } else if (event.type === 'hedge-won') {
      this.#spoke = event.spoke;
      this.#reason = `${event.spoke} began before ${event.loser}`;
    } else if (event.type === 'answer-shared') this.#shared = event.shared.kind;
    else if (event.type === 'answer-ended') this.#receipt = event.receipt;
  }

  /** As known now; `spoke` is what a whole answer says about itself. */
  print(spoke: string | null | undefined = this.#spoke): Headers {
    const reason = this.#reason === undefined ? '' : headerSafe(this.#reason);
    return {
      'x-cadre-receipt': this.#id,
      ...(spoke ? { 'x-cadre-spoke': spoke } : {}),
      ...(reason === '' ? {} : { 'x-cadre-reason': reason }),
      ...(this.#shared === undefined ? {} : { 'x-cadre-cache': this.#shared }),
      ...(this.#receipt === undefined ? {} : printFigures(this.#receipt)),
    };
  }
}

/** The same of work that is no answer of a spoke. */
export function workHeaders(receipt: Receipt): Headers {
  const model = receipt.attempts.at(-1)?.model;
  return {
    'x-cadre-receipt': receipt.id,
    ...(model === undefined ? {} : { 'x-cadre-spoke': model }),
    ...printFigures(receipt),
  };
}

/** As `workHeaders`, with the number of texts that were too long to be read whole where any was. */
export function embeddingHeaders(answer: {
  readonly receipt: Receipt;
  readonly cutCount: number;
}): Headers {
  const { receipt, cutCount } = answer;
  return { ...workHeaders(receipt), ...(cutCount > 0 ? { 'x-cadre-truncated': cutCount } : {}) };
}

function printFigures(receipt: Receipt): Headers {
  const { cost } = receipt.total ?? receipt;
  return {
    'x-cadre-cost': Number(cost.total.toFixed(9)).toString(),
    'x-cadre-overhead-ms': overheadMs(receipt).toFixed(1),
  };
}

/** Milliseconds in which neither a model worked for the request nor was being loaded. */
function overheadMs({ totalMs, stages }: Receipt): number {
  let others = 0;
  for (const { stage, ms } of stages) if (stage === 'run' || stage === 'load') others += ms;
  return Math.max(0, totalMs - others);
}

/** Headers are Latin letters: what else stands in a reason becomes `?`. */
function headerSafe(reason: string): string {
  return reason
    .slice(0, REASON_LENGTH)
    .replaceAll(/[‘’“”]/g, "'")
    .replaceAll(/[–—]/g, '-')
    .replaceAll(/[^\x20-\x7e]+/g, '?')
    .trim();
}
