import { describe, expect, it } from 'vitest';
import type { Passage } from '../../src/core/evidence.ts';
import { receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP, passagesOf } from './scripted-knowledge.ts';
import { ask, FARM, openWorld } from './scripted-parts.ts';

const QUESTION = 'How much does the Halvard 300 pump weigh?';
const WEIGHT = 'The pump weighs 84 kg without its base plate. [3]';
const JOBS =
  '1. What is the part number of the seal kit called?\n2. Who sells the seal kit with the part number?';
const KIT = 'The seal kit has the part number HV-SK-17. [2]';
const MANUAL = { collection: 'manual' };
const edition = (number: number) => ({
  collection: 'manual',
  documentId: `manual-${number}`,
  documentVersion: 1,
});

/** Every sentence from a document of its own: `manual-1`, `manual-2`, `manual-3`. */
const apart: readonly Passage[] = passagesOf('manual', PUMP).flatMap((passage) =>
  passage.sentences.map((sentence) => ({
    ...passage,
    chunkId: `manual-${sentence.number}`,
    sentences: [{ ...sentence, documentId: `manual-${sentence.number}` }],
  })),
);

describe('an answer stands on', () => {
  it('the documents that it cites, not on others that were found', async () => {
    const world = await openWorld({
      models: { grounded: [WEIGHT] },
      collections: { manual: { sentences: [], passages: apart } },
    });
    const { standsOn, sources } = receiptOf(await ask(world, 'grounded', QUESTION, MANUAL));
    expect(standsOn).toEqual([edition(3)]);
    expect(sources).toHaveLength(3);
  });

  it('all that was found where it cites nothing, and where it is declined on what it shows as nearest', async () => {
    const world = await openWorld({
      models: {
        grounded: ['NOT IN DOCUMENTS'],
        'grounded-large': ['NOT IN DOCUMENTS'],
      },
      collections: { manual: { sentences: [], passages: apart } },
    });
    const events = await ask(world, 'grounded', 'Who painted the Halvard pump?', MANUAL);
    const { abstention } = theOnly(events, 'answer-abstained');
    const shown = abstention.nearest.flatMap((one) => one.sentences);
    expect(shown.length).toBeGreaterThan(0);
    expect(
      receiptOf(events)
        .standsOn?.map((one) => one.documentId)
        .sort(),
    ).toEqual(shown.map((one) => one.documentId).sort());
  });

  it('what its delegates stand on, and theirs on what was done before them', async () => {
    const world = await openWorld({
      models: { grounded: [KIT], 'grounded-large': [KIT] },
      collections: { manual: { sentences: [], passages: apart, strength: 0.9 } },
      config: {
        ...FARM,
        spokes: [{ ...FARM.spokes[1], tasks: ['translate'] }, ...FARM.spokes.slice(2)],
      },
    });
    const events = await ask(world, 'hub', JOBS);
    const receipt = receiptOf(events);
    expect(shownText(events)).toContain('HV-SK-17');

    expect(receipt.standsOn).toEqual([edition(2)]);
  });

  it('nothing where no document is in it', async () => {
    const world = await openWorld({ models: { small: ['Fine weather.'] } });
    expect(receiptOf(await ask(world, 'small', 'How is the weather?'))).not.toHaveProperty(
      'standsOn',
    );
  });
});

describe('a conversation with earlier answers', () => {
  const open = (fallen: readonly string[]) =>
    openWorld({
      models: { small: ['84 kg, as I said.'] },
      collections: { manual: { sentences: [], passages: apart, fallen: new Set(fallen) } },
    });

  it('passes on what they stand on', async () => {
    const events = await ask(await open(['manual-1']), 'small', 'Say it again.', {
      standsOn: [edition(3)],
    });
    expect(shownText(events)).toBe('84 kg, as I said.');
    expect(receiptOf(events).standsOn).toEqual([edition(3)]);
  });

  it('reaches no model once one of their documents fell while it waited', async () => {
    const world = await open(['manual-3']);
    const events = await ask(world, 'small', 'Say it again.', { standsOn: [edition(3)] });
    expect(world.calls).toEqual([]);
    expect(theOnly(events, 'request-failed')).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('was changed, deleted or closed'),
    });
  });
});
