import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { comparePolicies, POLICY_NAMES } from '../../src/fleet/compare-policies.ts';
import { countThatFits } from '../../src/fleet/plan-peers.ts';
import type { Trace } from '../../src/fleet/trace.ts';
import { EXAMPLE_FARM, generateTrace, TRACE_KINDS } from '../../src/fleet/trace-generate.ts';
import { readTrace, traceLines } from '../../src/fleet/trace-lines.ts';
import { recordTrace } from '../../src/fleet/trace-record.ts';

const wish = (kind: (typeof TRACE_KINDS)[number], seed: number) => ({
  kind,
  seed,
  models: EXAMPLE_FARM,
  requests: 300,
  rate: 0.8,
});
const limits = { budget: 2.6e9, slots: 2, queueLength: 64, patienceMs: 5000, boundMs: 60_000 };

describe('a trace', () => {
  it('made by chance is the same for the same seed, and in order', () => {
    for (const kind of TRACE_KINDS) {
      const one = generateTrace(wish(kind, 1));
      expect(generateTrace(wish(kind, 1))).toEqual(one);
      expect(generateTrace(wish(kind, 2))).not.toEqual(one);
      const times = one.requests.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.length).toBeGreaterThanOrEqual(300);
    }
  });

  it('is read as it was written', () => {
    const trace = generateTrace(wish('bursty', 3));
    expect(readTrace(traceLines(trace).join('\n'), 'trace.jsonl')).toEqual(trace);
  });

  const model = '{"model":"a","bytes":100,"loadMs":1000}';
  it.each([
    [`${model}\n{"at":1`, /t\.jsonl, line 2: this is no JSON; a line is a model/],
    [`${model}\n\n{"at":"1","model":"a","serviceMs":1}`, /line 3: `at` must be a number/],
    [`${model}\n{"at":1,"model":"b","serviceMs":1}`, /line 2: no line gives the model “b”; add/],
    [`${model}\n${model}`, /line 2: the model “a” was given before/],
    [`{"model":"a","bytes":0,"loadMs":1}`, /line 1: `bytes` must be/],
    [model, /t\.jsonl holds no requests/],
  ])('that is broken is refused with its line: %s', (text, message) => {
    expect(() => readTrace(text, 't.jsonl')).toThrow(message);
  });

  it('is recorded from receipts: who asked which model or adapter when, for how long, and no word', () => {
    const attempt = (id: string, destination: string, ms: number) =>
      ({ model: id, destination, promptMs: ms, generationMs: 100 }) as Receipt['attempts'][number];
    const receipts = [
      {
        at: 5000,
        key: 'k2',
        parent: 'batch_1',
        stages: [],
        attempts: [attempt('a+0123456789ab', 'local', 200)],
      },
      {
        at: 3000,
        key: 'k1',
        stages: [],
        attempts: [attempt('x', 'vendor', 9), attempt('a', 'local', 50)],
      },
    ] as readonly Partial<Receipt>[] as readonly Receipt[];
    const status = { id: 'a', memoryBytes: 7, fileBytes: 5, loadMs: 1234.5 } as ModelStatus;
    expect(recordTrace(receipts, [status])).toEqual({
      models: [{ id: 'a', bytes: 7, loadMs: 1235 }],
      requests: [
        { at: 0, model: 'a', serviceMs: 150, key: 'k1', priority: 'interactive', group: '' },
        {
          at: 2000,
          model: 'a',
          serviceMs: 300,
          key: 'k2',
          priority: 'batch',
          group: '0123456789ab',
        },
      ],
    });
  });
});

describe('policies beside each other', () => {
  it('serve every request of every kind of trace', () => {
    for (const kind of TRACE_KINDS) {
      const trace = generateTrace(wish(kind, 4));
      for (const one of comparePolicies(trace, { ...limits, policies: POLICY_NAMES }))
        expect([one.policy, one.served + one.refused]).toEqual([one.policy, trace.requests.length]);
    }
  });

  it('ours loads less than counting models does and lets nobody wait longer', () => {
    const trace = generateTrace(wish('daily', 5));
    const [ours, lru] = comparePolicies(trace, { ...limits, policies: ['ours', 'lru'] });
    expect(ours?.loads).toBeLessThan((lru?.loads ?? 0) / 2);
    expect(ours?.wait.p95).toBeLessThan(lru?.wait.p95 ?? 0);
    expect(ours?.starved).toBe(0);
  });

  it('serves A B A A C as A A A B C where only one of them fits', () => {
    const models = ['a', 'b', 'c'].map((id) => ({ id, bytes: 100, loadMs: 1000 }));
    const rest = { serviceMs: 500, key: '', priority: 'interactive', group: '' } as const;
    const requests = ['a', 'b', 'a', 'a', 'c'].map((model, at) => ({ ...rest, model, at }));
    const trace: Trace = { models, requests };
    const tight = { ...limits, budget: 100, slots: 1, policies: ['ours', 'fifo'] as const };
    const [ours, fifo] = comparePolicies(trace, tight);
    expect([ours?.loads, fifo?.loads]).toEqual([3, 4]);
  });

  it('counts in so many models as fit together, whichever they are', () => {
    expect(countThatFits([1, 2, 3], 5)).toBe(2);
    expect(countThatFits([1, 2, 3], 4)).toBe(1);
    expect(countThatFits([9], 4)).toBe(1);
  });
});
