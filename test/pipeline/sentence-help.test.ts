import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/chat.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { WORD_FEATURES } from '../../src/verify/support-features.ts';
import { SHIPPED_SCORER } from '../../src/verify/support-scorer.ts';
import { citationsOf, eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { type Script, WAIT } from './scripted-model.ts';
import { ask, FARM, openWorld, VENDOR, type World } from './scripted-parts.ts';

const QUESTION = 'How much does the Halvard 300 pump weigh?';
const RIGHT = 'The pump weighs 84 kg without its base plate.';
/** Of which the words alone do not decide. */
const UNDECIDED = 'The bare pump has a weight of 84 kg.';
const FOREIGN = 'The pump needs regular oil.';
const OPPOSITE = 'The pump with its base plate weighs 84 kg.';
const IN_MANUAL = { collection: 'manual' };

/** What a model says of a sentence, in one token. */
function judgement(supported: number, contradicted = 0): ModelEvent {
  const rest = 1 - supported - contradicted;
  const top = [
    { token: 'supported', logprob: Math.log(supported) },
    { token: 'contr', logprob: Math.log(contradicted) },
    { token: 'not', logprob: Math.log(rest) },
  ];
  return {
    type: 'text',
    text: 'supported',
    logprobs: [{ token: 'supported', logprob: -0.1, top }],
  };
}

const world = (answer: string, large: Script, verify: object, config: object = {}) =>
  openWorld({
    models: { 'grounded-large': [answer], large },
    collections: { manual: { sentences: PUMP } },
    config: { verify: { reading: 'off', ...verify }, ...config },
  });
const shownOf = async (farm: World) =>
  shownText(await ask(farm, 'grounded-large', QUESTION, IN_MANUAL)).trim();
const JUDGED = { judge: 'undecided' };

describe('the scorer of a collection', () => {
  it('judges an answer from it, is told with each sentence and sees what was checked', async () => {
    const asked: unknown[] = [];
    const seen: number[] = [];
    const farm = await openWorld({
      models: { 'grounded-large': [`${RIGHT} ${OPPOSITE}`], large: ['A poem.'] },
      collections: { manual: { sentences: PUMP } },
      config: { verify: { reading: 'off' } },
      grounding: async (about) => {
        asked.push(about);
        return {
          scorer: { ...SHIPPED_SCORER, knows: 'what is usual in manual (143 sentences)' },
          threshold: 0.5,
          onRead: ({ values }) => seen.push(values.length),
        };
      },
    });
    const events = await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events).trim()).toBe(RIGHT);
    expect(asked).toEqual([{ collection: 'manual', key: 'key_test' }]);
    expect(seen).toEqual([WORD_FEATURES.length, WORD_FEATURES.length]);
    const lines = explainReceipt(receiptOf(events), [], []).join('\n');
    expect(lines).toContain('judged by what is usual in manual (143 sentences)');
  });
});

describe('a sentence of which the scorer is not sure', () => {
  const answer = `${RIGHT} ${UNDECIDED}`;

  it('is shown where a local model says that its nearest sentences carry it, which costs and is told', async () => {
    const farm = await world(answer, [judgement(0.99)], JUDGED);
    const events = await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events)).toBe(answer);
    const asked = farm.calls.filter((call) => call.spoke === 'large');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.request).toMatchObject({ maxTokens: 1, logprobs: 5 });
    const text = textOf(asked[0]?.request.messages.at(-1)?.content ?? []);
    expect(text).toContain(`Statement: ${UNDECIDED}`);
    expect(text.startsWith(`Sentences:\n- ${PUMP[2]}\n`)).toBe(true);
    const receipt = receiptOf(events);
    expect(receipt.children).toHaveLength(1);
    expect(receipt.total?.usage.promptTokens).toBeGreaterThan(receipt.usage.promptTokens);
    expect(receipt.total?.cost.total).toBeGreaterThan(receipt.cost.total);
    const check = eventsOf(events, 'check-passed').find(
      ({ result }) => result.sentence === UNDECIDED,
    )?.result;
    expect(check).toMatchObject({
      passed: true,
      detail: expect.stringContaining('a model was asked: supported 0.99'),
    });
  });

  it('is held back where the model says otherwise, where nobody is asked, and where nobody answers', async () => {
    const denied = await world(answer, [judgement(0.01, 0.98)], JUDGED);
    const silent = await world(answer, [{ type: 'text', text: '?' }], JUDGED);
    const off = await world(answer, [judgement(0.99)], {});
    for (const farm of [denied, silent, off]) expect(await shownOf(farm)).toBe(RIGHT);
    expect(off.calls.map((call) => call.spoke)).toEqual(['grounded-large']);
  });

  it('is asked about at most so often, and never where a veto or the scorer decided', async () => {
    const many = [RIGHT, UNDECIDED, 'The weight of the blue pump is 84 kg.', OPPOSITE, FOREIGN];
    const farm = await world(many.join(' '), [judgement(0.99)], { ...JUDGED, judgeMost: 1 });
    const text = await shownOf(farm);
    expect(text).toBe(`${RIGHT} ${UNDECIDED}`);
    expect(farm.calls.filter((call) => call.spoke === 'large')).toHaveLength(1);
  });

  it('is decided without a model where time is short, and ends with the request', async () => {
    const short = await openWorld({
      models: { 'grounded-large': [answer], large: [judgement(0.99)] },
      collections: { manual: { sentences: PUMP } },
      config: { verify: { reading: 'off', ...JUDGED } },
      speeds: { 'qwen2.5-coder-1.5b-instruct-q4_k_m': 2 },
    });
    expect(shownText(await ask(short, 'grounded-large', QUESTION, IN_MANUAL)).trim()).toBe(RIGHT);
    const farm = await world(answer, [WAIT], JUDGED);
    const signal = AbortSignal.timeout(200);
    const events = await ask(farm, 'grounded-large', QUESTION, { ...IN_MANUAL, signal });
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
  });

  it('is never sent to others, whatever stands in for the local model', async () => {
    const spokes = FARM.spokes.map((spoke) =>
      spoke.id === 'large' ? { ...spoke, fallback: ['frontier'] } : spoke,
    );
    const frontier = { id: 'frontier', model: 'vendor/big-70b' };
    const farm = await openWorld({
      models: { 'grounded-large': [answer], frontier: [judgement(0.99)] },
      collections: { manual: { sentences: PUMP } },
      config: {
        verify: { reading: 'off', ...JUDGED },
        spokes: [...spokes, frontier],
        destinations: [VENDOR],
      },
    });
    expect(await shownOf(farm)).toBe(RIGHT);
    expect(farm.calls.map((call) => call.spoke)).toEqual(['grounded-large']);
  });
});

describe('an unsupported sentence', () => {
  const REWRITE = { unsupported: 'rewrite' };
  const answer = `${RIGHT} ${FOREIGN}`;
  const anew = 'The Halvard 300 pump must be serviced every 1,200 operating hours.';

  it('is said anew as its sources say it, checked and cited like any other', async () => {
    const farm = await world(answer, [`${anew} [1]`], REWRITE);
    const events = await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events)).toBe(`${RIGHT} ${anew}`);
    expect(citationsOf(events).map((one) => one.sentence.number)).toEqual([3, 1]);
    const receipt = receiptOf(events);
    expect(receipt.children).toHaveLength(1);
    const [told] = eventsOf(events, 'check-failed').map(({ result }) => result.detail);
    expect(told).toMatch(/^rewritten: .* now “The Halvard 300 pump must/);
    expect(receipt.checks.some((one) => one.detail.startsWith('rewritten: '))).toBe(true);
  });

  it('is left out where what comes back stands in no source, or nothing does', async () => {
    for (const said of ['The pump costs 900 euros.', 'NOT IN DOCUMENTS', FOREIGN, '']) {
      const farm = await world(answer, [said], REWRITE);
      expect(await shownOf(farm)).toBe(RIGHT);
    }
  });

  it('is tried once, twice in an answer, and not where it contradicts or most of the answer failed', async () => {
    const kit = 'The seal kit has the part number HV-SK-17.';
    const service = 'The pump must be serviced every 1,200 operating hours.';
    const more = ['Cats sleep on sofas.', 'Apples ripen in autumn.', 'Ferries leave at noon.'];
    const farm = await world([RIGHT, kit, service, ...more].join(' '), ['No.'], REWRITE);
    await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(farm.calls.filter((call) => call.spoke === 'large')).toHaveLength(2);
    for (const text of [`${RIGHT} ${OPPOSITE}`, `${FOREIGN} ${RIGHT}`]) {
      const other = await world(text, [anew], REWRITE);
      await ask(other, 'grounded-large', QUESTION, IN_MANUAL);
      expect(other.calls.map((call) => call.spoke)).toEqual(['grounded-large']);
    }
  });

  it('makes the whole answer one to decline where that is configured, before any of it is shown', async () => {
    const farm = await world(answer, [], { unsupported: 'decline' });
    const events = await ask(farm, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(events)).toBe('');
    expect(theOnly(events, 'answer-abstained').abstention.nearest).not.toEqual([]);
    const right = await world(`${RIGHT} ${anew}`, [], { unsupported: 'decline' });
    const whole = await ask(right, 'grounded-large', QUESTION, IN_MANUAL);
    expect(shownText(whole)).toBe(`${RIGHT} ${anew}`);
  });
});
