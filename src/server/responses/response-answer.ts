import { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import { type AnswerFold, failureOf, type StreamPrinter } from '../answer.ts';
import { EVENT_STREAM, HEARTBEAT } from '../event-stream.ts';
import { spokeOf } from '../openai-citations.ts';
import { hideProofs } from './hide-proofs.ts';
import type { ResponseRun } from './response-run.ts';
import type { WireEvent } from './response-wire.ts';

/** The whole answer of POST /v1/responses; the run has seen every event before. */
export class ResponseAnswer implements AnswerFold {
  readonly #run: ResponseRun;
  readonly #showsProof: boolean;
  #spoke: string | null = null;

  constructor(run: ResponseRun, showsProof: boolean) {
    this.#run = run;
    this.#showsProof = showsProof;
  }

  add(event: CadreEvent): void {
    if (event.type === 'request-failed') throw failureOf(event);
    if (event.type === 'answer-ended') this.#spoke = spokeOf(event.receipt);
  }

  print() {
    if (!this.#run.isOver) throw new CadreError('internal', 'the stream ended without an answer');
    const { response } = this.#run;
    return { body: this.#showsProof ? response : hideProofs(response), spoke: this.#spoke };
  }
}

/** The streamed answer; the run has seen every event before. */
export class ResponseStream implements StreamPrinter {
  readonly contentType = EVENT_STREAM;
  readonly heartbeat = HEARTBEAT;
  readonly #run: ResponseRun;
  readonly #showsProof: boolean;

  constructor(run: ResponseRun, showsProof: boolean) {
    this.#run = run;
    this.#showsProof = showsProof;
  }

  print(): string {
    let text = '';
    for (const event of this.#run.take()) text += printEvent(event, this.#showsProof);
    return text;
  }

  /** The failure itself was printed as `response.failed`, which is the dialect's end for it. */
  printFailure(): string {
    return '';
  }
}

export function printEvent(event: WireEvent, showsProof: boolean): string {
  const shown = showsProof ? event : hideProofs(event);
  return `event: ${event.type}\ndata: ${JSON.stringify(shown)}\n\n`;
}
