import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { shownText, typesOf } from './readings.ts';
import type { Script } from './scripted-model.ts';
import { ANYONE, ask, openWorld } from './scripted-parts.ts';

/** A word of its own for each thing that must not be written down. */
const QUESTION = 'How much does the Quagmirex pump weigh?';
const SENTENCE = 'The Quagmirex pump weighs 84 kg with its Zanthorium plate.';
const WRONG = 'The Quagmirex pump weighs 97 kg with its Borvantine plate. [1]';
const VENDOR_SAID = new CadreError('upstream_failed', 'cannot parse Flummoxide near Quagmirex');
const WORDS = ['Quagmirex', 'Zanthorium', 'Borvantine', 'Flummoxide', 'Wibbleton'];

interface Case {
  readonly title: string;
  readonly model: string;
  readonly text: string;
  readonly models: Readonly<Record<string, Script>>;
}

const CASES: readonly Case[] = [
  {
    title: 'a grounded answer',
    model: 'knowledge:manual',
    text: QUESTION,
    models: { grounded: [`${SENTENCE} [1] `, WRONG] },
  },
  {
    title: 'an escalated and declined answer',
    model: 'knowledge:manual',
    text: QUESTION,
    models: { grounded: [WRONG], 'grounded-large': [WRONG] },
  },
  {
    title: 'an unchecked answer',
    model: 'small',
    text: 'Tell me about Quagmirex.',
    models: { small: ['Wibbleton is 2 + 2 = 5, "Borvantine".'] },
  },
  {
    title: 'an answer of the hub',
    model: 'hub',
    text: '1. Write a slogan about Quagmirex.\n2. Name three colours of Zanthorium.',
    models: { small: ['Wibbleton!'] },
  },
  {
    title: 'a model that dies in words',
    model: 'small',
    text: 'Tell me about Quagmirex.',
    models: { small: ['Wibbleton ', VENDOR_SAID] },
  },
  {
    title: 'a rung that dies in words',
    model: 'knowledge:manual',
    text: QUESTION,
    models: { grounded: [VENDOR_SAID], 'grounded-large': [VENDOR_SAID] },
  },
];

function openCase({ models }: Case) {
  return openWorld({ models, collections: { manual: { sentences: [SENTENCE] } } });
}

function writtenWords(bytes: string): string[] {
  return WORDS.filter((word) => bytes.toLowerCase().includes(word.toLowerCase()));
}

describe('what lies on the disk after a request', () => {
  it.each(CASES)('$title: without leave not a word of it', async (one) => {
    const world = await openCase(one);
    await ask(world, one.model, one.text);
    expect(await world.store.doGetReceipt('req_test')).toBeDefined();
    expect(writtenWords(world.bytes())).toEqual([]);
    expect(await world.store.doGetText('req_test')).toBeUndefined();
  });

  it.each(CASES)('$title: with leave the prompt and what was shown', async (one) => {
    const world = await openCase(one);
    const caller = { ...ANYONE, keepsText: true };
    const events = await ask(world, one.model, one.text, { caller });
    const text = await world.store.doGetText('req_test');
    expect(text?.prompt).toBe(one.text);
    expect(text?.answer).toBe(shownText(events));
    expect(writtenWords(world.bytes())).not.toEqual([]);
    const replay = await world.store.doGetEvents('req_test');
    expect(typesOf(replay ?? [])).toEqual(typesOf(events).slice(0, -1));
  });
});
