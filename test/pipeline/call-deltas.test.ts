import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { eventsOf, receiptOf, theOnly, typesOf } from './readings.ts';
import { CUT, ended, type Step } from './scripted-model.ts';
import { ask, callOf, openWorld } from './scripted-parts.ts';

const QUESTION = 'What is the weather?';
const request: Partial<ChatRequest> = { tools: [{ name: 'weather' }, { name: 'time' }] };
const END = ended({ finishReason: 'tool-calls' });

function begin(index: number, name: string, more = ''): ModelEvent {
  return { type: 'tool-call', index, id: `call_${index}`, name, arguments: more };
}

function more(index: number, text: string): ModelEvent {
  return { type: 'tool-call', index, arguments: text };
}

async function told(steps: readonly Step[], change = {}): Promise<CadreEvent[]> {
  const world = await openWorld({ models: { large: steps } });
  return ask(world, 'large', QUESTION, { request, ...change });
}

/** The joined deltas of each call, as a client joins them. */
function joined(events: readonly CadreEvent[]): { name: string; id: string; text: string }[] {
  const calls: { name: string; id: string; text: string }[] = [];
  for (const { index, id = '', name = '', arguments: text } of eventsOf(
    events,
    'tool-call-delta',
  )) {
    const known = calls[index];
    if (known === undefined) calls[index] = { name, id, text };
    else known.text += text;
  }
  return calls;
}

const call = fc
  .tuple(fc.constantFrom('weather', 'time'), fc.object({ maxDepth: 1 }), fc.array(fc.nat(60)))
  .map(([name, given, cuts]) => {
    const json = JSON.stringify(given);
    const inside = cuts.filter((cut) => cut < json.length).toSorted((a, b) => a - b);
    const places = [0, ...inside, json.length];
    const pieces = places.slice(1).map((end, place) => json.slice(places[place], end));
    return { name, json, pieces };
  });

describe('the arguments of calls from a named spoke', () => {
  it('come on as they come in, however they are cut and mixed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(9), { maxLength: 40 }),
        async (calls, turns) => {
          // Models may count from anywhere.
          const queues = calls.map(({ name, pieces }, place) => [
            begin(place * 3 + 1, name),
            ...pieces.map((piece) => more(place * 3 + 1, piece)),
          ]);
          const steps = mix(queues, turns);
          const begun = steps.flatMap((one) =>
            one.type === 'tool-call' && one.name !== undefined ? [(one.index - 1) / 3] : [],
          );
          const streamed = await told([...steps, END]);
          const whole = await told([...steps, END], { whole: true });
          expect(joined(streamed)).toEqual(joined(whole));
          expect(joined(streamed).map(({ text }) => text)).toEqual(
            begun.map((place) => calls[place]?.json),
          );
          expect(eventsOf(streamed, 'tool-call-delta').length).toBe(steps.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are with the caller before the model goes on', async () => {
    let goOn = () => {};
    const shown = new Promise<void>((done) => {
      goOn = done;
    });
    const steps = [begin(0, 'weather', '{"city":'), shown, more(0, '"Oslo"}'), END];
    const world = await openWorld({ models: { large: steps } });
    const seen: string[] = [];
    const call = callOf('large', QUESTION, { request });
    for await (const event of world.pipeline.ask(call, AbortSignal.timeout(10_000))) {
      if (event.type !== 'tool-call-delta') continue;
      seen.push(event.arguments);
      goOn();
    }
    expect(seen).toEqual(['{"city":', '"Oslo"}']);
  });

  it.each(['', ' '])('of a call without any are an object all the same: %j', async (nothing) => {
    const steps = [begin(0, 'weather', nothing), begin(1, 'time', '{}'), END];
    for (const change of [{}, { whole: true }])
      expect(joined(await told(steps, change)).map(({ text }) => JSON.parse(text))).toEqual([
        {},
        {},
      ]);
  });

  it('that break off are an error, never a clean end', async () => {
    const events = await told([begin(0, 'weather', '{"city":'), CUT]);
    expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
    expect(typesOf(events)).not.toContain('choice-ended');
  });

  it.each(['{"city":"Os', '["Oslo"]', '{"city":}'])(
    '%s is reported after it was shown',
    async (broken) => {
      const events = await told([begin(0, 'weather'), more(0, broken), END]);
      expect(joined(events)[0]?.text).toBe(broken);
      expect(theOnly(events, 'check-failed').result.check).toBe('tool-call');
      expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
      expect(receiptOf(events).outcome).toBe('failed');
    },
  );

  it.each(['{"city":}', '{"town":5}'])(
    '%s are the last of the answer, whatever else is on its way',
    async (broken) => {
      const parameters = { type: 'object', required: ['city'] };
      const tools = [{ name: 'weather', parameters }];
      const steps = [
        begin(0, 'weather', broken.slice(0, 5)),
        begin(1, 'weather', '{"ci'),
        more(0, broken.slice(5)),
        more(1, 'ty":"Rome"}'),
        'And then?',
        END,
      ];
      const events = await told(steps, { request: { tools } });
      expect(joined(events).map(({ text }) => text)).toEqual([broken, '{"ci']);
      expect(typesOf(events)).not.toContain('text-delta');
      expect(theOnly(events, 'check-failed').result.check).toBe('tool-call');
      expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
      expect(receiptOf(events).checks).toMatchObject([{ check: 'tool-call', passed: false }]);
    },
  );

  it('that end at the token limit are told as that', async () => {
    const end = ended({ finishReason: 'length' });
    const events = await told([begin(0, 'weather'), more(0, '{"city":"Os'), end]);
    expect(theOnly(events, 'request-failed').message).toContain('token limit');
  });

  it('of a tool that nobody offered are never shown', async () => {
    const events = await told([begin(0, 'sunshine'), more(0, '{}'), END]);
    expect(typesOf(events)).not.toContain('tool-call-delta');
    expect(receiptOf(events).outcome).toBe('abstained');
  });
});

/** All events of the queues in any order; those of one queue keep theirs. */
function mix(queues: readonly (readonly ModelEvent[])[], turns: readonly number[]): ModelEvent[] {
  const left = queues.map((queue) => [...queue]);
  const mixed: ModelEvent[] = [];
  for (let turn = 0; left.some((queue) => queue.length > 0); turn += 1) {
    const open = left.filter((queue) => queue.length > 0);
    const next = open[(turns[turn] ?? 0) % open.length]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}
