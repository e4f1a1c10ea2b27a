import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import type { OutputItem } from '../../src/server/responses/response-items.ts';
import { ResponseRun } from '../../src/server/responses/response-run.ts';
import { checkGrammar, type WireEvent } from './response-client.ts';
import { receiptOf } from './scripted-farm.ts';

const HEAD = {
  id: `resp_${'a'.repeat(24)}`,
  createdAt: 0,
  model: 'auto',
  background: false,
  store: true,
  echo: {},
  standsOn: [],
};
const receipt = receiptOf('req_1', 'a');
const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 };

/** A run over whole events, with its first and its last one. */
function run(
  events: readonly CadreEvent[],
  end: CadreEvent,
): { wire: WireEvent[]; run: ResponseRun } {
  const one = new ResponseRun(HEAD);
  one.see({ type: 'request-accepted', id: 'req_1', at: 1, model: 'auto', depth: 0 });
  for (const event of events) one.see(event);
  one.see(end);
  if (end.type === 'answer-ended') one.sayEnd();
  return { wire: one.take() as WireEvent[], run: one };
}

/** A text cut into pieces anywhere, within a character too. */
const pieces = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.nat(30), { maxLength: 4 })).map(([whole, cuts]) => {
    const places = [
      0,
      ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b),
      whole.length,
    ];
    return places.slice(1).map((end, index) => whole.slice(places[index], end));
  });

const speech = fc.oneof(
  fc
    .string({ unit: 'binary' })
    .map((text): CadreEvent => ({ type: 'text-delta', choice: 0, text })),
  fc.string().map((text): CadreEvent => ({ type: 'thinking-delta', choice: 0, text })),
  fc
    .string()
    .map((signature): CadreEvent => ({ type: 'thinking-delta', choice: 0, text: '', signature })),
  fc.string().map((text): CadreEvent => ({ type: 'text-delta', choice: 1, text })),
);

/** Calls whose arguments come in pieces, mixed with each other and with speech. */
const calls = fc
  .array(
    pieces(
      fc.oneof(
        fc.object().map((value) => JSON.stringify(value)),
        fc.integer().map(String),
        fc.string(),
      ),
    ),
    {
      maxLength: 4,
    },
  )
  .map((all) =>
    all.flatMap((parts, index) =>
      parts.map(
        (part, place): CadreEvent => ({
          type: 'tool-call-delta',
          choice: 0,
          index,
          arguments: part,
          ...(place === 0 ? { id: `call_${index}`, name: 'f' } : {}),
        }),
      ),
    ),
  );

/** Two lists as one; each keeps its own order. */
const mixed = fc
  .tuple(fc.array(speech, { maxLength: 12 }), calls, fc.array(fc.boolean(), { maxLength: 40 }))
  .map(([left, right, turns]) => {
    const a = [...left];
    const b = [...right];
    const events: CadreEvent[] = [];
    for (const turn of turns) {
      const next = (turn ? a : b).shift();
      if (next !== undefined) events.push(next);
    }
    return [...events, ...a, ...b];
  });

const finish = fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter' as const);

describe('a run of a response', () => {
  it('says the same in its events as in the response, and follows the grammar', () => {
    fc.assert(
      fc.property(mixed, finish, (events, finishReason) => {
        const ends: CadreEvent[] = [{ type: 'choice-ended', choice: 0, finishReason }];
        const { wire, run: one } = run([...events, ...ends], {
          type: 'answer-ended',
          usage,
          receipt,
        });
        checkGrammar(wire);
        const { output, status } = one.response;
        expect(wire.at(-1)).toMatchObject({ type: `response.${status}`, response: { output } });
        const done = wire.filter((event) => event.type === 'response.output_item.done');
        const byPlace = done.toSorted((a, b) => (a.output_index ?? 0) - (b.output_index ?? 0));
        expect(byPlace.map((event) => event.item)).toEqual(output);
        expect(wordsOf(output, 'message')).toBe(said(events, 'text-delta'));
        expect(wordsOf(output, 'reasoning')).toBe(said(events, 'thinking-delta'));
        expect(new Set(output.map((item) => item.id)).size).toBe(output.length);
      }),
    );
  });

  it('gives every call its own arguments, however they are mixed', () => {
    fc.assert(
      fc.property(mixed, (events) => {
        const { run: one } = run(events, { type: 'answer-ended', usage, receipt });
        const wanted = new Map<number, string>();
        for (const event of events)
          if (event.type === 'tool-call-delta')
            wanted.set(event.index, (wanted.get(event.index) ?? '') + event.arguments);
        const given = one.response.output.flatMap((item) =>
          item.type === 'function_call' ? [[item.call_id, item.arguments]] : [],
        );
        expect(Object.fromEntries(given)).toEqual(
          Object.fromEntries([...wanted].map(([index, text]) => [`call_${index}`, text])),
        );
      }),
    );
  });

  it('never ends well when it broke, and leaves nothing in progress', () => {
    fc.assert(
      fc.property(mixed, (events) => {
        const end = {
          type: 'request-failed',
          code: 'upstream_failed',
          message: 'cut',
          receipt,
        } as const;
        const { wire, run: one } = run(events, end);
        expect(wire.at(-1)?.type).toBe('response.failed');
        expect(wire.filter((event) => /completed|incomplete$/.test(event.type))).toEqual([]);
        expect(one.response.status).toBe('failed');
        expect(one.response.output.some((item) => item.status === 'in_progress')).toBe(false);
      }),
    );
  });
});

function said(events: readonly CadreEvent[], type: 'text-delta' | 'thinking-delta'): string {
  return events
    .map((event) => (event.type === type && event.choice === 0 ? event.text : ''))
    .join('');
}

function wordsOf(output: readonly OutputItem[], type: 'message' | 'reasoning'): string {
  return output
    .flatMap((item) =>
      item.type !== type
        ? []
        : item.type === 'message'
          ? item.content
          : item.type === 'reasoning'
            ? item.summary
            : [],
    )
    .map((part) => part['text'])
    .join('');
}
