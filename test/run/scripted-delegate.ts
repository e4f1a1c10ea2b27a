import type { ChatRequest } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Delegate, DelegatedRequest } from '../../src/core/ports.ts';
import type { Receipt } from '../../src/core/receipt.ts';

const NO_USAGE = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

function receiptOf(id: string, cost: number): Receipt {
  return {
    id,
    children: [],
    depth: 1,
    at: 0,
    requestedModel: 'auto',
    key: 'loopback',
    outcome: 'answered',
    attempts: [],
    sources: [],
    checks: [],
    usage: NO_USAGE,
    totalMs: 1,
    stages: [],
    cost: { total: cost, reference: 0, referenceName: 'none' },
    energy: { joules: 0, tier: 'modelled' },
    featureHashes: [],
    ledger: null,
  };
}

export type ScriptedAnswer = string | CadreError | { readonly abstains: string };

/** A pipeline of one line: answers what the script says for the request. */
export class ScriptedDelegate implements Delegate {
  readonly asked: DelegatedRequest[] = [];
  active = 0;
  mostActive = 0;
  readonly #script: (request: ChatRequest) => ScriptedAnswer;
  readonly #cost: number;

  constructor(script: (request: ChatRequest) => ScriptedAnswer, cost = 0) {
    this.#script = script;
    this.#cost = cost;
  }

  async *doAsk(child: DelegatedRequest, options: { signal: AbortSignal }) {
    this.asked.push(child);
    const id = `req_${this.asked.length}`;
    this.active += 1;
    this.mostActive = Math.max(this.mostActive, this.active);
    const accepted: CadreEvent = {
      type: 'request-accepted',
      id,
      at: 0,
      model: child.request.model,
      depth: 1,
    };
    try {
      yield accepted;
      await Promise.resolve();
      options.signal.throwIfAborted();
      yield* this.#end(id, this.#script(child.request));
    } finally {
      this.active -= 1;
    }
  }

  *#end(id: string, answer: ScriptedAnswer): Generator<CadreEvent> {
    const receipt = receiptOf(id, this.#cost);
    if (answer instanceof CadreError) {
      yield { type: 'request-failed', code: answer.code, message: answer.message, receipt };
      return;
    }
    if (typeof answer === 'string') yield { type: 'text-delta', choice: 0, text: answer };
    else yield { type: 'answer-abstained', abstention: { reason: answer.abstains, nearest: [] } };
    yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
    yield { type: 'answer-ended', usage: NO_USAGE, receipt };
  }
}
