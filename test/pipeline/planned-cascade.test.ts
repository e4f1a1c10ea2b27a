import { describe, expect, it } from 'vitest';
import type { AnswerChecker } from '../../src/core/answer-checker.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { CUT, ended, type Step } from './scripted-model.ts';
import { ask, openWorld, type World, type WorldOptions } from './scripted-parts.ts';

const MIDDLE = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const TINY = 'smollm2-135m-instruct-q4_1';
const ORDER =
  'Sort these lines alphabetically. Answer with the sorted lines only.\n\npear\nfig\napple';
const RIGHT = 'apple\nfig\npear';
const WRONG = 'pear\nfig\napple';

/** Believes the demands of the order, and a little what was believed before. */
const checker: AnswerChecker = {
  version: 1,
  weights: { prior: 0.5, demandsMet: 2.5, demandsBroken: -4, factsKept: 0.5 },
  offset: 0,
  power: { tasks: {}, rest: 3, shared: 0.4, agreeing: { right: 0.8, wrong: 0.2 } },
  rows: 100,
  source: 'this test',
};

function world(models: WorldOptions['models'], change: Partial<WorldOptions> = {}): Promise<World> {
  return openWorld({
    checker,
    speeds: { [TINY]: 2000, [MIDDLE]: 500, [LARGE]: 20 },
    config: {
      gate: { promise: 0.75 },
      spokes: [
        { id: 'cheap', model: MIDDLE, tasks: ['rewrite'] },
        { id: 'dear', model: LARGE },
      ],
    },
    ...(models === undefined ? {} : { models }),
    ...change,
  });
}

function textOf(events: readonly CadreEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

function receiptOf(events: readonly CadreEvent[]) {
  const last = events.at(-1);
  if (last?.type !== 'answer-ended') throw new Error(`ended with ${last?.type}`);
  return last.receipt;
}

describe('a planned cascade', () => {
  it('keeps a cheap answer that passes its checks, and says how sure it is and why', async () => {
    const { pipeline, calls, ...rest } = await world({
      cheap: [RIGHT, ended()],
      dear: ['no', ended()],
    });
    const events = await ask({ pipeline, calls, ...rest }, 'auto', ORDER, { whole: true });
    expect(textOf(events)).toBe(RIGHT);
    expect(calls.map((one) => one.spoke)).toEqual(['cheap']);
    const receipt = receiptOf(events);
    expect(receipt.assessments).toMatchObject([{ spoke: 'cheap', step: 'stop' }]);
    const [first] = receipt.assessments ?? [];
    expect(first?.probability).toBeGreaterThan(receipt.route?.plan?.threshold ?? 1);
    expect(first?.reasons).toContain('it is as ordered');
    expect(first?.checkMs).toBeGreaterThanOrEqual(0);
    expect(receipt.confidence).toBe(first?.probability);
    expect(receipt.stages.some((one) => one.stage === 'verify')).toBe(true);
  });

  it('shows the better spoke’s answer where the cheap one is not sure enough, and nothing of the cheap one', async () => {
    const open = await world({ cheap: [WRONG, ended()], dear: [RIGHT, ended()] });
    const events = await ask(open, 'auto', ORDER, { whole: true });
    expect(textOf(events)).toBe(RIGHT);
    const receipt = receiptOf(events);
    expect(receipt.attempts.map((one) => [one.spoke, one.outcome])).toEqual([
      ['cheap', 'escalated'],
      ['dear', 'released'],
    ]);
    expect(receipt.assessments).toMatchObject([
      { spoke: 'cheap', step: 'reference' },
      { spoke: 'dear', step: 'stop' },
    ]);
    const told = explainReceipt(receipt, []).join('\n');
    expect(told).toContain('ask `cheap` first; if P(right) <');
    expect(told).toContain('it is not as ordered');
    expect(told).toContain('then dear');
  });

  it('shows the last answer even where it is not sure enough', async () => {
    const open = await world({ cheap: [WRONG, ended()], dear: [WRONG, ended()] });
    expect(textOf(await ask(open, 'auto', ORDER, { whole: true }))).toBe(WRONG);
  });

  it('goes on to the better spoke where the cheap one fails, and to nobody where the vendor’s filter stopped it', async () => {
    const broken = await world({ cheap: ['half', CUT], dear: [RIGHT, ended()] });
    const failed = receiptOf(await ask(broken, 'auto', ORDER, { whole: true }));
    expect(failed.attempts.map((one) => [one.spoke, one.outcome])).toEqual([
      ['cheap', 'failed'],
      ['dear', 'released'],
    ]);
    const filtered = await world({
      cheap: ['pear', ended({ finishReason: 'content-filter' })],
      dear: [RIGHT, ended()],
    });
    const events = await ask(filtered, 'auto', ORDER, { whole: true });
    expect(textOf(events)).toBe('pear');
    expect(receiptOf(events).assessments).toBeUndefined();
  });

  it('is not for a stream of prose, which it would hold back', async () => {
    const open = await world({ cheap: [RIGHT, ended()], dear: [RIGHT, ended()] });
    const receipt = receiptOf(await ask(open, 'auto', ORDER));
    expect(receipt.route?.plan).toBeUndefined();
    expect(receipt.assessments).toBeUndefined();
  });

  it('stores no word of request or answer with what it makes of an answer', async () => {
    const open = await world({ cheap: ['pear\nsecretword', ended()], dear: [RIGHT, ended()] });
    const receipt = receiptOf(await ask(open, 'auto', ORDER, { whole: true }));
    expect(receipt.assessments?.length).toBe(2);
    expect(JSON.stringify(receipt.assessments)).not.toMatch(/secretword|pear|apple/);
    expect(open.bytes()).not.toContain('secretword');
  });
});

describe('a second opinion', () => {
  const three = {
    gate: { promise: 0.75 },
    spokes: [
      { id: 'cheap', model: MIDDLE, tasks: ['rewrite'] },
      { id: 'tiny', model: TINY, maxTokens: 20 },
      { id: 'dear', model: LARGE },
    ],
  };
  /** Says nothing by itself; agreement settles it. */
  const unsure: AnswerChecker = {
    ...checker,
    weights: { prior: 0.5 },
    power: { ...checker.power, agreeing: { right: 0.99, wrong: 0.01 } },
  };

  it('settles an unsure answer where a second small spoke says the same', async () => {
    const models = { cheap: [RIGHT, ended()], tiny: [RIGHT, ended()], dear: ['no', ended()] };
    const open = await world(models, { checker: unsure, config: three });
    const events = await ask(open, 'auto', ORDER, { whole: true });
    const receipt = receiptOf(events);
    expect(textOf(events)).toBe(RIGHT);
    expect(receipt.attempts.map((one) => [one.spoke, one.outcome, one.cause])).toEqual([
      ['tiny', 'compared', 'agreement'],
      ['cheap', 'released', undefined],
    ]);
    expect(receipt.assessments?.[0]).toMatchObject({ spoke: 'cheap', step: 'stop' });
    expect(receipt.assessments?.[0]?.reasons[0]).toBe('a second spoke says the same');
    expect(open.leases.every((one) => one.releases === 1)).toBe(true);
  });

  it.each<[string, readonly Step[]]>([
    ['says something else', ['fig', ended()]],
    ['fails', ['half', CUT]],
  ])('leads on to the reference where the second spoke %s', async (_, tiny) => {
    const models = { cheap: [RIGHT, ended()], tiny, dear: ['the best', ended()] };
    const open = await world(models, { checker: unsure, config: three });
    const events = await ask(open, 'auto', ORDER, { whole: true });
    expect(textOf(events)).toBe('the best');
    expect(receiptOf(events).attempts.at(-1)).toMatchObject({ spoke: 'dear', outcome: 'released' });
  });
});
