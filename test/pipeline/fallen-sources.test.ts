import { describe, expect, it } from 'vitest';
import type { Passage } from '../../src/core/evidence.ts';
import { citationsOf, eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP, passagesOf } from './scripted-knowledge.ts';
import { ask, callOf, openWorld } from './scripted-parts.ts';

const QUESTION = 'How much does the Halvard 300 pump weigh, and which number has its seal kit?';
const WEIGHT = 'The pump weighs 84 kg without its base plate. [3]';
const MANUAL = { collection: 'manual' };
const REASON = 'a document that it stands on was changed, deleted or closed meanwhile';

/** Every sentence from a document of its own: `manual-1`, `manual-2`, `manual-3`. */
const apart: readonly Passage[] = passagesOf('manual', PUMP).flatMap((passage) =>
  passage.sentences.map((sentence) => ({
    ...passage,
    chunkId: `manual-${sentence.number}`,
    sentences: [{ ...sentence, documentId: `manual-${sentence.number}` }],
  })),
);

describe('a document that goes while it is answered from', () => {
  it('is shown to no spoke and among no nearest passages', async () => {
    const world = await openWorld({
      models: { grounded: [WEIGHT], 'grounded-large': [WEIGHT] },
      collections: { manual: { sentences: PUMP, fallen: new Set(['manual-document']) } },
    });
    const events = await ask(world, 'grounded', QUESTION, MANUAL);
    expect(world.calls).toEqual([]);
    expect(shownText(events)).toBe('');
    const { abstention } = theOnly(events, 'answer-abstained');
    expect(abstention).toEqual({ reason: REASON, nearest: [] });
    expect(receiptOf(events).outcome).toBe('abstained');
  });

  it('leaves the others to answer from', async () => {
    const world = await openWorld({
      models: { grounded: [WEIGHT] },
      collections: { manual: { sentences: [], passages: apart, fallen: new Set(['manual-2']) } },
    });
    const events = await ask(world, 'grounded', QUESTION, MANUAL);
    expect(shownText(events)).toContain('84 kg');
    const prompt = JSON.stringify(world.calls.map((call) => call.request));
    expect(prompt).toContain('84 kg');
    expect(prompt).not.toContain('HV-SK-17');
  });

  it.each([false, true])('while the spoke writes, is not cited (read whole: %s)', async (whole) => {
    const fallen = new Set<string>();
    const forget = () => {
      fallen.add('manual-document');
      return [WEIGHT];
    };
    const world = await openWorld({
      models: { grounded: forget, 'grounded-large': [WEIGHT] },
      collections: { manual: { sentences: PUMP, fallen } },
    });
    const events = await ask(world, 'grounded', QUESTION, { ...MANUAL, whole });
    expect(world.calls).toHaveLength(1);
    expect(shownText(events)).toBe('');
    expect(theOnly(events, 'answer-abstained').abstention).toEqual({ reason: REASON, nearest: [] });
    expect(eventsOf(events, 'check-failed').map((one) => one.result.detail)).toContain(REASON);
  });

  it('after its neighbour was cited, costs its own sentence alone', async () => {
    const fallen = new Set<string>();
    const gate = Promise.withResolvers<void>();
    const world = await openWorld({
      models: {
        grounded: [
          `${WEIGHT} The seal kit`,
          gate.promise,
          ' has the part number HV-SK-17. [2] The Halvard 300 pump must be serviced every 1,200 operating hours. [1]',
        ],
      },
      collections: { manual: { sentences: [], passages: apart, fallen } },
    });
    const { signal } = new AbortController();
    const events = [];
    for await (const event of world.pipeline.ask(callOf('grounded', QUESTION, MANUAL), signal)) {
      events.push(event);
      if (event.type !== 'text-delta') continue;
      fallen.add('manual-2');
      gate.resolve();
    }
    expect(shownText(events)).toMatch(/84 kg.*1,200 operating hours/);
    expect(shownText(events)).not.toContain('HV-SK-17');
    expect(citationsOf(events).map((one) => one.sentence.documentId)).toEqual([
      'manual-3',
      'manual-1',
    ]);
  });

  it('is missing in an answer that is read whole, although its sentence had passed', async () => {
    const fallen = new Set<string>();
    const later = () =>
      new Promise<void>((done) => {
        setTimeout(() => {
          fallen.add('manual-3');
          done();
        }, 50);
      });
    const world = await openWorld({
      models: {
        grounded: () => [`${WEIGHT} The Halvard`, later(), ' 300 pump must be serviced.'],
        'grounded-large': [WEIGHT],
      },
      collections: { manual: { sentences: [], passages: apart, fallen } },
    });
    const events = await ask(world, 'grounded', QUESTION, { ...MANUAL, whole: true });
    expect(eventsOf(events, 'check-passed')[0]?.result.sentence).toContain('84 kg');
    expect(shownText(events)).toBe('');
    theOnly(events, 'answer-abstained');
  });
});
