import { describe, expect, it } from 'vitest';
import { receiptOf, shownText } from './readings.ts';
import { ended } from './scripted-model.ts';
import { ask, FARM, openWorld, type WorldOptions } from './scripted-parts.ts';

const LABELS = ['delivery', 'billing', 'other'];
const QUESTION = 'Is it delivery, billing or other? My parcel is lost.';
const isNone = ended({ isNone: true });

const openFarm = (models: WorldOptions['models'] = {}) =>
  openWorld({
    models: { large: ['delivery'], ...models },
    labels: { sorter: LABELS },
    config: {
      spokes: [{ id: 'sorter', model: 'bge-small-en-v1.5-q', kind: 'classifier' }, FARM.spokes[1]],
    },
  });

describe('a specialist none of whose labels fits', () => {
  it.each([
    ['in a stream', {}],
    ['read whole', { whole: true }],
    ['with log-probabilities', { request: { logprobs: 2 } }],
  ])('is followed by the next best where the gate chose it, %s', async (_, options) => {
    const world = await openFarm({ sorter: ['none of these', isNone] });
    const events = await ask(world, 'auto', QUESTION, options);
    expect(shownText(events)).toBe('delivery');
    expect(receiptOf(events).attempts).toMatchObject([
      { spoke: 'sorter', outcome: 'escalated', isNone: true },
      { spoke: 'large', outcome: 'released' },
    ]);
  });

  it('says so to whoever named it', async () => {
    const world = await openFarm({ sorter: ['none of these', isNone] });
    expect(shownText(await ask(world, 'sorter', QUESTION))).toBe('none of these');
  });

  it('is not followed where the schema has a label for that', async () => {
    const world = await openFarm({ sorter: ['{"topic":"other"}', isNone] });
    const properties = { topic: { enum: LABELS } };
    const schema = { type: 'object', properties, required: ['topic'] };
    const responseFormat = { type: 'json-schema', name: 'topic', schema } as const;
    const events = await ask(world, 'auto', QUESTION, { request: { responseFormat } });
    expect(shownText(events)).toBe('{"topic":"other"}');
  });
});
