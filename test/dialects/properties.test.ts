import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import type { AnswerFold, StreamPrinter } from '../../src/server/answer.ts';
import { AnthropicAnswer } from '../../src/server/anthropic/answer.ts';
import { AnthropicStream } from '../../src/server/anthropic/stream.ts';
import { OllamaAnswer } from '../../src/server/ollama/fold.ts';
import { OllamaStream } from '../../src/server/ollama/stream.ts';
import { OpenAiAnswer } from '../../src/server/openai-answer.ts';
import { OpenAiStream } from '../../src/server/openai-stream.ts';
import { CITATION } from '../server/said-events.ts';
import { receiptOf } from '../server/scripted-farm.ts';
import { anthropicSpeaker } from './anthropic-speaker.ts';
import { ollamaSpeaker } from './ollama-speaker.ts';
import { openAiSpeaker } from './openai-speaker.ts';
import { partsOf, type Speaker } from './speakers.ts';

const words = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const text = fc
  .record({ text: words, isCited: fc.boolean() })
  .map(({ text, isCited }): CadreEvent => {
    const said = { type: 'text-delta', choice: 0, text } as const;
    return isCited ? { ...said, citations: [CITATION] } : said;
  });
const thought = fc
  .oneof(
    words.map((one) => ({ text: one })),
    words.map((one) => ({ text: '', signature: one })),
    words.map((one) => ({ text: '', redacted: one })),
  )
  .map((fields): CadreEvent => ({ type: 'thinking-delta', choice: 0, ...fields }));

/** One call, its arguments cut anywhere; the first piece names it. */
const callPieces = (index: number) =>
  fc
    .tuple(
      fc.dictionary(words, fc.jsonValue({ maxDepth: 1 })),
      fc.array(fc.nat(40), { maxLength: 4 }),
    )
    .map(([given, cuts]): CadreEvent[] => {
      const json = JSON.stringify(given);
      const places = [0, ...cuts.map((cut) => cut % json.length).toSorted((a, b) => a - b)];
      return places.map((place, turn) => ({
        type: 'tool-call-delta',
        choice: 0,
        index,
        ...(turn === 0 ? { id: `call_${index}`, name: `f${index}` } : {}),
        arguments: json.slice(place, places[turn + 1] ?? json.length),
      }));
    });

/** Text, thought and up to three calls in any order; the pieces of one call keep theirs. */
const conversation = fc
  .tuple(
    fc.array(fc.oneof(text, thought), { maxLength: 8 }),
    fc.nat(3).chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => callPieces(i)))),
    fc.array(fc.nat(9), { maxLength: 60 }),
  )
  .map(([said, calls, turns]) => {
    const queues = [said, ...calls].map((events) => [...events]);
    const mixed: CadreEvent[] = [];
    let turn = 0;
    while (queues.some((queue) => queue.length > 0)) {
      const open = queues.filter((queue) => queue.length > 0);
      const next = open[(turns[turn] ?? 0) % open.length]?.shift();
      if (next !== undefined) mixed.push(next);
      turn += 1;
    }
    return mixed;
  });

const RECEIPT = receiptOf('req_1', 'a');
const END: readonly CadreEvent[] = [
  { type: 'choice-ended', choice: 0, finishReason: 'stop' },
  { type: 'answer-ended', usage: RECEIPT.usage, receipt: RECEIPT },
];

const HEAD = { id: 'msg_1', model: 'auto' };
const OLLAMA = { model: 'auto', kind: 'chat', showsThinking: true, ignored: [] } as const;
const OPENAI = { id: 'req_1', created: 1, model: 'auto' };
const DIALECTS: readonly {
  readonly speaker: Speaker;
  readonly fold: () => AnswerFold;
  readonly printer: () => StreamPrinter;
}[] = [
  {
    speaker: openAiSpeaker,
    fold: () => new OpenAiAnswer(OPENAI),
    printer: () => new OpenAiStream({ ...OPENAI, includeUsage: false, showEvents: false }),
  },
  {
    speaker: anthropicSpeaker,
    fold: () => new AnthropicAnswer(HEAD, true),
    printer: () => new AnthropicStream(HEAD, 'req_1', true),
  },
  {
    speaker: ollamaSpeaker,
    fold: () => new OllamaAnswer(OLLAMA),
    printer: () => new OllamaStream(OLLAMA),
  },
];

function print(printer: StreamPrinter, events: readonly CadreEvent[]): string {
  return events.map((event) => printer.print(event)).join('');
}

describe.each(DIALECTS)('$speaker.name, whatever a model says in whatever order', (dialect) => {
  it('is the same whole and streamed', () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const events = [...said, ...END];
        const fold = dialect.fold();
        for (const event of events) fold.add(event);
        const whole = JSON.stringify(fold.print().body);
        const { read } = dialect.speaker;
        expect(read(print(dialect.printer(), events), true)).toEqual(read(whole, false));
      }),
    );
  });
});

describe('Anthropic’s blocks', () => {
  it('are opened one after the other, each closed once, whatever comes', () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const printer = new AnthropicStream(HEAD, 'req_1', true);
        let open: number | undefined;
        let count = 0;
        for (const { type, index } of partsOf(print(printer, [...said, ...END]))) {
          if (type === 'content_block_start') {
            expect([open, index]).toEqual([undefined, count]);
            open = count;
            count += 1;
          } else if (type === 'content_block_delta') expect(index).toBe(open);
          else if (type === 'content_block_stop') {
            expect(index).toBe(open);
            open = undefined;
          }
        }
        expect(open).toBeUndefined();
        expect(count).toBeGreaterThan(0);
      }),
    );
  });
});
