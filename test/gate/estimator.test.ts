import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/chat.ts';
import { createTableEstimator, type TaskEstimate } from '../../src/gate/estimator.ts';
import { readSurface } from '../../src/gate/features.ts';
import { SuccessTable } from '../../src/gate/starter-table.ts';
import { TASKS } from '../../src/gate/task.ts';
import { EXAMPLES } from './examples.ts';
import { ask, chosen, estimator, frontier, general, type quick, spoke, topics } from './farm.ts';

function estimate(request: ChatRequest | string): TaskEstimate {
  const asked = typeof request === 'string' ? ask(request) : request;
  return estimator.estimate(asked, readSurface(asked));
}

const shareOf = (of: TaskEstimate, task: string) =>
  of.posterior.find((one) => one.task === task)?.probability ?? 0;

describe('the task posterior', () => {
  it.each(TASKS)('names %s in most of our own examples', (task) => {
    const texts = EXAMPLES[task] ?? [];
    expect(texts.length).toBeGreaterThan(8);
    const right = texts.filter((text) => estimate(text).posterior[0]?.task === task).length;
    // Summaries of short texts are taken for rewriting now and then; the rest misses at most one in seven.
    expect(right / texts.length).toBeGreaterThan(task === 'summarise' ? 0.4 : 0.85);
  });

  it('names the task of nine in ten of them', () => {
    const all = TASKS.flatMap((task) => (EXAMPLES[task] ?? []).map((text) => ({ task, text })));
    const right = all.filter(({ task, text }) => estimate(text).posterior[0]?.task === task);
    expect(right.length / all.length).toBeGreaterThan(0.9);
  });

  it('is a distribution over all tasks, best first', () => {
    for (const text of ['hello', '', 'What is 2 + 2?', 'xq zorb', '你好']) {
      const { posterior } = estimate(text);
      expect(posterior.map((one) => one.task).sort()).toEqual([...TASKS].sort());
      expect(posterior.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1);
      expect(posterior[0]?.probability).toBe(Math.max(...posterior.map((one) => one.probability)));
    }
  });

  it.each(['xq zorb plimf', '继续', 'and the second one?', '', '🎉🎉', 'ladder, boat, snow, drum'])(
    'is flat for what tells no task: “%s”',
    (text) => {
      expect(estimate(text).flat).toBe(true);
      expect(estimate('Write a Python function that adds two numbers.').flat).toBe(false);
    },
  );

  it('believes a schema more than the words', () => {
    const message = 'My card was charged twice and nobody answers.';
    const schema = (properties: Record<string, { type: string; enum?: string[] }>) =>
      ask(message, {
        responseFormat: { type: 'json-schema', name: 'x', schema: { type: 'object', properties } },
      });
    const plain = estimate(message);
    const label = estimate(schema({ topic: { type: 'string', enum: ['billing', 'other'] } }));
    const fields = estimate(schema({ name: { type: 'string' }, date: { type: 'string' } }));
    expect(shareOf(label, 'classify')).toBeGreaterThan(shareOf(plain, 'classify'));
    expect(shareOf(fields, 'extract')).toBeGreaterThan(shareOf(plain, 'extract'));
  });

  it('reads the order in the system prompt', () => {
    const request = ask('The port closed on Monday. Ships waited outside for three days.', {
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 'Translate every message into French.' }],
        },
        { role: 'user', content: [{ type: 'text', text: 'The port closed on Monday.' }] },
      ],
    });
    expect(estimate(request).posterior[0]?.task).toBe('rewrite');
  });
});

describe('a flat posterior', () => {
  it('falls back to the mean over the tasks', () => {
    const surface = readSurface(ask('xq zorb'));
    const flat: TaskEstimate = {
      flat: true,
      posterior: TASKS.map((task, place) => ({ task, probability: place === 0 ? 1 : 0 })),
    };
    const alone = (task: string): TaskEstimate => ({
      flat: false,
      posterior: [{ task, probability: 1 }],
    });
    const mean =
      TASKS.reduce((sum, task) => sum + estimator.success(alone(task), general, surface), 0) /
      TASKS.length;
    expect(estimator.success(flat, general, surface)).toBeCloseTo(mean);
  });

  it('is said in the reasons', () => {
    expect(chosen('xq zorb plimf').reasons).toContain(
      'the task is unclear, so the mean over all tasks decides',
    );
  });
});

describe('the table', () => {
  const table = (rows: { task: string; spoke: string; successes: number; n: number }[]) =>
    new SuccessTable({ rows, source: 'test' });
  const rate = (of: SuccessTable, one: typeof quick, task: string) =>
    of.ratesOf(one).get(task) ?? -1;

  it('takes what was graded of a model for its spokes that were not graded themselves', () => {
    const row = { task: 'reason', spoke: general.modelId, successes: 180, n: 200 };
    const own = { task: 'reason', spoke: general.id, successes: 20, n: 200 };
    const known = rate(table([row]), general, 'reason');
    expect(known).toBeGreaterThan(0.8);
    expect(rate(table([row]), { ...general, id: 'another' }, 'reason')).toBe(known);
    expect(rate(table([row, own]), general, 'reason')).toBeLessThan(0.2);
    expect(rate(table([row]), topics, 'reason')).toBeLessThan(0.1);
  });

  it('moves from the prior to what was graded as grades come in', () => {
    const prior = rate(table([]), general, 'reason');
    const few = rate(
      table([{ task: 'reason', spoke: 'general', successes: 5, n: 5 }]),
      general,
      'reason',
    );
    const many = rate(
      table([{ task: 'reason', spoke: 'general', successes: 500, n: 500 }]),
      general,
      'reason',
    );
    expect(few).toBeGreaterThan(prior);
    expect(many).toBeGreaterThan(few);
    expect(many).toBeGreaterThan(0.95);
    expect(few).toBeLessThan(0.6);
  });

  it('is (successes + 20 × prior) / (n + 20)', () => {
    const own = spoke('own');
    const prior = rate(table([]), own, 'write');
    const graded = rate(
      table([{ task: 'write', spoke: 'own', successes: 9, n: 30 }]),
      own,
      'write',
    );
    expect(graded).toBeCloseTo((9 + 20 * prior) / 50, 10);
  });

  it('lets grades of the starter spokes inform a spoke that was never graded', () => {
    const own = spoke('own');
    const rows = [{ task: 'reason', spoke: 'general', successes: 400, n: 400 }];
    expect(rate(table(rows), own, 'reason')).toBeGreaterThan(rate(table([]), own, 'reason') + 0.3);
    expect(rate(table(rows), own, 'write')).toBe(rate(table([]), own, 'write'));
  });

  it('takes a bigger or dearer model for a better one', () => {
    const empty = table([]);
    const sizes = ['tiny-135m', 'small-0.5b', 'some-1.5b-instruct', 'llama-8b', 'big-70b'];
    const rates = sizes.map((modelId) => rate(empty, spoke(modelId, { modelId }), 'arithmetic'));
    expect(rates).toEqual(rates.toSorted((left, right) => left - right));
    expect(new Set(rates).size).toBe(sizes.length);
    const cheap = { ...frontier, id: 'cheap', price: { input: 0.05, output: 0.2 } };
    expect(rate(empty, frontier, 'reason')).toBeGreaterThan(rate(empty, cheap, 'reason'));
  });

  it('follows a spoke whose model is exchanged', () => {
    const one = table([]);
    const before = rate(one, spoke('own', { modelId: 'a-0.5b' }), 'code');
    expect(rate(one, spoke('own', { modelId: 'a-70b' }), 'code')).toBeGreaterThan(before);
  });

  it('believes a classifier only at sorting', () => {
    expect(rate(table([]), topics, 'classify')).toBeGreaterThan(0.8);
    expect(rate(table([]), topics, 'write')).toBeLessThan(0.05);
  });

  it('refuses rows that cannot be', () => {
    expect(() => table([{ task: 'juggle', spoke: 'quick', successes: 1, n: 2 }])).toThrow('juggle');
    expect(() => table([{ task: 'code', spoke: 'quick', successes: 3, n: 2 }])).toThrow(RangeError);
    expect(() => table([{ task: 'code', spoke: 'quick', successes: Number.NaN, n: 2 }])).toThrow(
      RangeError,
    );
  });

  it('can be put behind another classifier', () => {
    const fixed = createTableEstimator(
      {
        labels: ['code', 'other'],
        temperature: 1,
        score: () => ({ scores: Float64Array.of(9, 0), known: 1 }),
      },
      { rows: [], source: 'test' },
    );
    const request = ask('anything');
    expect(fixed.estimate(request, readSurface(request)).posterior[0]?.task).toBe('code');
  });
});
