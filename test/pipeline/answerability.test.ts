import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/chat.ts';
import type { Passage } from '../../src/core/evidence.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { citationsOf, eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP, passagesOf } from './scripted-knowledge.ts';
import { WAIT } from './scripted-model.ts';
import { ask, openWorld } from './scripted-parts.ts';

const QUESTION = 'How much does the Halvard 300 pump weigh?';
const RIGHT = 'The pump weighs 84 kg without its base plate. [3]';

/** A verdict of one token: P(yes) and the rest for no. */
function verdict(yes: number): ModelEvent {
  const top = [
    { token: 'yes', logprob: Math.log(yes) },
    { token: 'no', logprob: Math.log(1 - yes) },
  ];
  return { type: 'text', text: 'yes', logprobs: [{ token: 'yes', logprob: -0.1, top }] };
}

const world = (yes: number, config: object = {}) =>
  openWorld({
    models: { 'grounded-large': [RIGHT], large: [verdict(yes)] },
    collections: { manual: { sentences: PUMP } },
    config: { ...config },
  });
const IN_MANUAL = { collection: 'manual' };

describe('a reading before the answer', () => {
  it('is a request of its own behind the same sentences, counted with the answer', async () => {
    const farm = await world(0.9);
    const events = await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events)).toBe('The pump weighs 84 kg without its base plate.');
    const [reading, answer] = farm.calls.map((call) => call.request);
    expect(reading).toMatchObject({ maxTokens: 1, logprobs: 5 });
    const before = reading?.messages.slice(0, -1);
    expect(before).toEqual(answer?.messages.slice(0, -1));
    const last = [reading, answer].map((one) => textOf(one?.messages.at(-1)?.content ?? []));
    expect(last[0]?.startsWith(last[1] ?? '-')).toBe(true);
    const receipt = receiptOf(events);
    expect(receipt.children).toHaveLength(1);
    expect(receipt.total?.usage.promptTokens).toBeGreaterThan(receipt.usage.promptTokens);
    const child = await farm.store.doGetReceipt(receipt.children[0] ?? '');
    expect(child).toMatchObject({ parent: receipt.id, depth: 1 });
    const check = receipt.checks.find((one) => one.check === 'answerable');
    expect(check).toMatchObject({
      passed: true,
      detail: expect.stringContaining('reader says 0.90'),
    });
  });

  it('that finds no answer holds back what the spoke says', async () => {
    const events = await ask(await world(0.001), 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events)).toBe('');
    const { abstention } = theOnly(events, 'answer-abstained');
    expect(abstention.reason).toMatch(/^P\(the documents answer it\) 0\.\d\d/);
    expect(abstention.nearest).not.toEqual([]);
  });

  it('is left out where it is switched off, and where no spoke speaks for the model', async () => {
    const off = await world(0.001, { verify: { reading: 'off' } });
    expect(shownText(await ask(off, 'grounded-large', QUESTION, IN_MANUAL))).toContain('84 kg');
    const farm = await openWorld({
      models: { grounded: [RIGHT] },
      collections: { manual: { sentences: PUMP } },
    });
    expect(shownText(await ask(farm, 'grounded', QUESTION, IN_MANUAL))).toContain('84 kg');
    for (const { calls } of [off, farm]) expect(calls).toHaveLength(1);
  });

  it('that fails leaves the verdict to the other signs', async () => {
    const farm = await openWorld({
      models: { 'grounded-large': [RIGHT], large: [{ type: 'text', text: '?' }] },
      collections: { manual: { sentences: PUMP } },
    });
    expect(shownText(await ask(farm, 'grounded-large', QUESTION, IN_MANUAL))).toContain('84 kg');
    const broken = await openWorld({
      models: { 'grounded-large': [RIGHT] },
      collections: { manual: { sentences: PUMP } },
    });
    expect(shownText(await ask(broken, 'grounded-large', QUESTION, IN_MANUAL))).toContain('84 kg');
  });

  it('ends with the request', async () => {
    const farm = await openWorld({
      models: { 'grounded-large': [RIGHT], large: [WAIT] },
      collections: { manual: { sentences: PUMP } },
    });
    const signal = AbortSignal.timeout(100);
    const events = await ask(farm, 'grounded-large', QUESTION, { ...IN_MANUAL, signal });
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
    expect(farm.calls.map((call) => call.end)).toEqual(['aborted']);
  });
});

describe('sources that contradict each other', () => {
  const dated = (path: string, text: string, modifiedAt: number, number: number): Passage => {
    const [passage] = passagesOf('manual', [text]);
    if (passage === undefined) throw new Error('no passage');
    const sentences = passage.sentences.map((one) => ({
      ...one,
      number,
      path,
      documentId: path,
      modifiedAt,
    }));
    return { ...passage, chunkId: path, sentences };
  };
  const passages = [
    dated('sheet-2024.md', 'The Halvard 300 pump weighs 84 kg.', Date.UTC(2024, 0, 2), 1),
    dated('sheet-2025.md', 'The Halvard 300 pump weighs 91 kg.', Date.UTC(2025, 2, 1), 2),
  ];
  const open = (config: object = {}) =>
    openWorld({
      models: {
        grounded: ['The Halvard 300 pump weighs 84 kg. [1]'],
        'grounded-large': ['NOT IN DOCUMENTS'],
      },
      collections: { manual: { sentences: [], passages } },
      config: { ...config },
    });

  it('are both told with their dates, behind the answer that cites one of them', async () => {
    const events = await ask(await open(), 'grounded', QUESTION, IN_MANUAL);
    const text = shownText(events);
    expect(text).toBe(
      'The Halvard 300 pump weighs 84 kg.\n\nThe sources differ: ' +
        'sheet-2025.md (2025-03-01, newest) says “The Halvard 300 pump weighs 91 kg.”; ' +
        'sheet-2024.md (2024-01-02) says “The Halvard 300 pump weighs 84 kg.”.',
    );
    const { contradictions } = theOnly(events, 'sources-differ');
    expect(contradictions[0]?.sentences.map((one) => one.path)).toEqual([
      'sheet-2025.md',
      'sheet-2024.md',
    ]);
    for (const { answerStart, answerEnd, sentence } of citationsOf(events).slice(1))
      expect(text.slice(answerStart, answerEnd)).toContain(sentence.path);
  });

  it('are settled for the newest where the configuration says so', async () => {
    const farm = await open({ verify: { contradictions: 'newest' } });
    const events = await ask(farm, 'grounded', QUESTION, IN_MANUAL);
    expect(eventsOf(events, 'sources-differ')).toEqual([]);
    const prompt = farm.calls[0]?.request.messages.map((one) => textOf(one.content)).join('\n');
    expect(prompt).toContain('91 kg');
    expect(prompt).not.toContain('84 kg');
    // What the spoke says all the same stands in no source it was given.
    expect(shownText(events)).toBe('');
  });
});
