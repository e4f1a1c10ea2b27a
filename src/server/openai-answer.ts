import type { FinishReason, TokenLogprob, TokenUsage, ToolCall } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation, Contradiction } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';
import { type AnswerFold, failureOf } from './answer.ts';
import { cadreSummary, toAnnotation } from './openai-citations.ts';
import { wireFinishReason, wireLogprobs, wireUsage } from './openai-wire.ts';

interface Choice {
  text: string;
  refusal: string;
  thought: string;
  finishReason: FinishReason;
  readonly logprobs: TokenLogprob[];
  readonly citations: Citation[];
  readonly toolCalls: Map<number, ToolCall>;
}

/** Folds the one stream into the JSON answer of POST /v1/chat/completions. */
export class OpenAiAnswer implements AnswerFold {
  readonly #answer: { readonly id: string; readonly created: number; readonly model: string };
  readonly #choices: Choice[] = [];
  readonly #contradictions: Contradiction[] = [];
  #abstention: Abstention | undefined;
  #usage: TokenUsage | undefined;
  #receipt: Receipt | undefined;

  /** `created` in seconds since the epoch. */
  constructor(answer: { readonly id: string; readonly created: number; readonly model: string }) {
    this.#answer = answer;
  }

  /** Rejects with the error of a `request-failed` event. */
  add(event: CadreEvent): void {
    switch (event.type) {
      case 'text-delta': {
        const choice = this.#choice(event.choice);
        if (event.refusal) choice.refusal += event.text;
        else choice.text += event.text;
        if (event.logprobs !== undefined) choice.logprobs.push(...event.logprobs);
        if (event.citations !== undefined) choice.citations.push(...event.citations);
        break;
      }
      case 'thinking-delta':
        this.#choice(event.choice).thought += event.text;
        break;
      case 'tool-call-delta': {
        const calls = this.#choice(event.choice).toolCalls;
        const call = calls.get(event.index) ?? { id: '', name: '', arguments: '' };
        calls.set(event.index, {
          id: call.id || (event.id ?? ''),
          name: call.name || (event.name ?? ''),
          arguments: call.arguments + event.arguments,
          extra: { ...call.extra, ...event.extra },
        });
        break;
      }
      case 'choice-ended':
        this.#choice(event.choice).finishReason = event.finishReason;
        break;
      case 'sources-differ':
        this.#contradictions.push(...event.contradictions);
        break;
      case 'answer-abstained':
        this.#abstention = event.abstention;
        break;
      case 'answer-ended':
        this.#usage = event.usage;
        this.#receipt = event.receipt;
        break;
      case 'request-failed':
        throw failureOf(event);
    }
  }

  /** The answer; `internal` when the stream ended without `answer-ended`. */
  print() {
    const receipt = this.#receipt;
    const usage = this.#usage;
    if (receipt === undefined || usage === undefined)
      throw new CadreError('internal', 'the stream ended without an answer');
    if (this.#choices.length === 0) this.#choice(0);
    const cadre = cadreSummary(
      receipt,
      this.#choices.flatMap((choice) => choice.citations),
      this.#abstention,
      this.#contradictions,
    );
    const { id, created, model } = this.#answer;
    const body = {
      id,
      object: 'chat.completion' as const,
      created,
      model,
      choices: this.#choices.map(printChoice),
      usage: wireUsage(usage),
      cadre,
    };
    return { body, spoke: cadre.spoke };
  }

  #choice(index: number): Choice {
    while (this.#choices.length <= index)
      this.#choices.push({
        text: '',
        refusal: '',
        thought: '',
        finishReason: 'stop',
        logprobs: [],
        citations: [],
        toolCalls: new Map(),
      });
    const choice = this.#choices[index];
    if (choice === undefined) throw new CadreError('internal', `no choice ${index}`);
    return choice;
  }
}

function printChoice(choice: Choice, index: number) {
  const calls = [...choice.toolCalls].sort(([a], [b]) => a - b);
  const isOther = calls.length > 0 || choice.refusal !== '';
  const annotations = choice.citations.map(toAnnotation);
  return {
    index,
    message: {
      role: 'assistant' as const,
      content: choice.text === '' && isOther ? null : choice.text,
      refusal: choice.refusal || null,
      ...(choice.thought === '' ? {} : { reasoning_content: choice.thought }),
      ...(annotations.length === 0 ? {} : { annotations }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(([, call]) => ({
              ...call.extra,
              id: call.id,
              type: 'function' as const,
              function: { name: call.name, arguments: call.arguments },
            })),
          }),
    },
    logprobs: choice.logprobs.length === 0 ? null : wireLogprobs(choice.logprobs),
    finish_reason: wireFinishReason(choice.finishReason),
  };
}
