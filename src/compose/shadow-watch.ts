import type { Call } from '../core/call.ts';
import { type ChatRequest, type FinishReason, textOf } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Receipt } from '../core/receipt.ts';
import type { ShadowJob } from './shadow-queue.ts';

/** Longer answers are not compared. */
const ANSWER_MOST = 100_000;

/** Whether an answer to it can be asked again elsewhere: it leaves the choice of the spoke to the farm. */
export function canShadow(call: Call, model: string): boolean {
  return /^auto(:|$)/.test(model) && isRepeatable(call);
}

/** A caller's request without tools, which are never run twice, and not bound to a collection. */
export function isRepeatable({ request, depth, collection }: Call): boolean {
  return (
    depth === 0 &&
    collection === undefined &&
    (request.tools ?? []).length === 0 &&
    request.messages.every((one) => one.role !== 'tool')
  );
}

/** The events as they are; tells of the answer before its caller sees the end of it. */
export async function* watchAnswer(
  request: ChatRequest,
  events: AsyncIterable<CadreEvent>,
  onAnswered: (job: ShadowJob) => void,
): AsyncGenerator<CadreEvent> {
  const heard = new Heard();
  for await (const event of events) {
    heard.note(event);
    if (event.type === 'answer-ended') {
      const job = heard.jobOf(request, event.receipt);
      if (job !== undefined) onAnswered(job);
    }
    yield event;
  }
}

class Heard {
  #text = '';
  #isWhole = true;
  #finishReason: FinishReason | undefined;

  note(event: CadreEvent): void {
    // What passed unread, or says why nothing was answered, cannot be compared.
    if (event.type === 'answer-relayed' || event.type === 'answer-abstained') this.#isWhole = false;
    else if (event.type === 'choice-ended' && event.choice === 0)
      this.#finishReason = event.finishReason;
    else if (event.type === 'text-delta' && event.choice === 0) {
      if (event.refusal || this.#text.length > ANSWER_MOST) this.#isWhole = false;
      else this.#text += event.text;
    }
  }

  jobOf(request: ChatRequest, receipt: Receipt): ShadowJob | undefined {
    const { id, at, outcome, policy, route, attempts, cache } = receipt;
    const served = attempts.findLast((one) => one.outcome === 'released')?.spoke;
    const isOwn = outcome === 'answered' && cache === undefined && this.#isWhole;
    const finishReason = this.#finishReason;
    if (!isOwn || policy === undefined || route === undefined || served === undefined)
      return undefined;
    if (finishReason === undefined || finishReason === 'content-filter') return undefined;
    return {
      of: id,
      served,
      text: this.#text,
      finishReason,
      request: onceOf(request),
      label: policy.label,
      decision: route,
      asked: [...new Set([served, ...attempts.map(({ spoke }) => spoke)])],
      at,
      runMs: runMs(receipt),
      size: this.#text.length + sizeOf(request),
      tries: 0,
    };
  }
}

/** Milliseconds that the spokes of a request took. */
export function runMs({ stages }: Pick<Receipt, 'stages'>): number {
  return stages.find((one) => one.stage === 'run')?.ms ?? 0;
}

/** One answer, and nothing that only its caller's client would read. */
function onceOf(request: ChatRequest): ChatRequest {
  const { choiceCount: _count, logprobs: _logprobs, tools: _tools, ...rest } = request;
  const { toolChoice: _choice, parallelToolCalls: _parallel, ...once } = rest;
  return once;
}

function sizeOf({ messages }: ChatRequest): number {
  return messages.reduce(
    (sum, { content }) =>
      sum +
      textOf(content).length +
      content.reduce((all, part) => all + (part.type === 'image' ? part.url.length : 0), 0),
    0,
  );
}
