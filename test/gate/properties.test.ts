import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatMessage, textPart } from '../../src/core/chat.ts';
import { decideRoute, type GateInput, type GateSpoke } from '../../src/gate/route.ts';
import { ask, estimator, input, rejectionOf, spoke, VERDICT } from './farm.ts';

const TEXTS = [
  'hello',
  'Write a Python function that adds.',
  'Who wrote Hamlet?',
  'What does our policy say about travel?',
  'Summarise it, translate it and write a mail.',
  'Classify: billing or shipping?',
  'zorb',
];

const spokes: fc.Arbitrary<GateSpoke[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('quick', 'coder', 'general', 'own', 'far', 'cite', 'plan', 'sort'),
      kind: fc.constantFrom(
        'chat' as const,
        'chat' as const,
        'grounded' as const,
        'hub' as const,
        'classifier' as const,
      ),
      destination: fc.constantFrom('local', 'vendor', 'unknown'),
      modelId: fc.constantFrom('a-135m', 'b-0.5b', 'c-1.5b', 'd-70b', 'nameless'),
      installed: fc.boolean(),
      healthy: fc.boolean(),
      resident: fc.boolean(),
      fits: fc.boolean(),
      contextLength: fc.constantFrom(512, 4096, 128_000),
      tools: fc.boolean(),
      vision: fc.boolean(),
      output: fc.constantFrom('text' as const, 'json' as const),
      tasks: fc.constantFrom<string[]>([], ['code'], ['question', 'write']),
      fallback: fc.constantFrom<string[]>([], ['general', 'far']),
      secondsPerToken: fc.double({ min: 0, max: 1, noNaN: true }),
      dollarsPerSecond: fc.double({ min: 0, max: 0.01, noNaN: true }),
      price: fc.record({
        input: fc.double({ min: 0, max: 30, noNaN: true }),
        output: fc.double({ min: 0, max: 90, noNaN: true }),
      }),
    }),
    { maxLength: 8, selector: (one) => one.id },
  )
  .map((rows) =>
    rows.map(({ id, ...row }) => spoke(id, { ...row, labels: ['billing', 'shipping'] })),
  );

const inputs: fc.Arbitrary<GateInput> = fc
  .record({
    text: fc.constantFrom(...TEXTS),
    spokes,
    promise: fc.double({ min: 0, max: 1, noNaN: true }),
    budgetLeft: fc.option(fc.double({ min: 0, max: 0.05, noNaN: true })),
    promptTokens: fc.constantFrom(10, 2000, 5000),
    depth: fc.integer({ min: 0, max: 3 }),
    vendor: fc.boolean(),
    strength: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    required: fc.boolean(),
    pin: fc.option(fc.constantFrom('quick', 'coder', 'general')),
    why: fc.constantFrom('session' as const, 'tool-loop' as const),
    toolResult: fc.boolean(),
    tools: fc.boolean(),
  })
  .map((one) => {
    const last: ChatMessage[] = one.toolResult
      ? [{ role: 'tool', toolCallId: 'c', content: textPart('42') }]
      : [];
    const request = ask(one.text, {
      messages: [{ role: 'user', content: textPart(one.text) }, ...last],
      ...(one.tools ? { tools: [{ name: 'look' }] } : {}),
    });
    return input(request, {
      spokes: one.spokes,
      promise: one.promise,
      promptTokens: one.promptTokens,
      depth: one.depth,
      verdict: {
        ...VERDICT,
        destinations: VERDICT.destinations.map((to) => ({
          ...to,
          allowed: to.destination === 'local' || one.vendor,
        })),
      },
      ...(one.budgetLeft === null ? {} : { budgetLeft: one.budgetLeft }),
      ...(one.strength === null
        ? {}
        : { evidence: { strength: one.strength, collection: 'docs', required: one.required } }),
      ...(one.pin === null ? {} : { pinned: { spoke: one.pin, why: one.why } }),
    });
  });

/** What must hold of every spoke that is asked, written down independently of the gate's own checks. */
function mayServe(one: GateSpoke, of: GateInput): boolean {
  const allowed = of.verdict.destinations.some(
    (to) => to.destination === one.destination && to.allowed,
  );
  const room = one.kind === 'classifier' ? 0 : Math.min(256, of.request.maxTokens ?? one.maxTokens);
  return (
    allowed &&
    one.installed &&
    one.healthy &&
    one.fits &&
    of.promptTokens + room <= one.contextLength &&
    (of.request.tools === undefined || one.tools) &&
    (one.kind !== 'hub' || of.depth < 3) &&
    (one.kind !== 'grounded' || of.evidence !== undefined) &&
    (!of.evidence?.required || one.kind === 'grounded')
  );
}

describe('any farm, any request', () => {
  it('never chooses or lines up a spoke that may not serve, and leaves none out', () => {
    fc.assert(
      fc.property(inputs, (of) => {
        const result = decideRoute(of, estimator);
        const rejected = 'rejected' in result ? result.rejected : result.decision.rejected;
        const decision = 'decision' in result ? result.decision : undefined;
        const asked = decision
          ? [decision.spoke, ...decision.cascade, ...decision.candidates.map((one) => one.spoke)]
          : [];
        for (const id of asked) {
          const one = of.spokes.find((candidate) => candidate.id === id);
          expect(one !== undefined && mayServe(one, of), id).toBe(true);
        }
        expect(new Set(decision?.cascade).size).toBe(decision?.cascade.length ?? 0);
        expect(decision?.cascade ?? []).not.toContain(decision?.spoke);
        expect(rejected.length + (decision?.candidates.length ?? 0)).toBe(of.spokes.length);
        for (const one of rejected) expect(one.reason.length).toBeGreaterThan(5);
      }),
      { numRuns: 400 },
    );
  });

  it('a higher promise never gives a less probable spoke', () => {
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 1, noNaN: true }), (of, other) => {
        const [low, high] = [of.promise, other].toSorted((left, right) => left - right);
        const at = (promise = 0) => {
          const result = decideRoute({ ...of, promise }, estimator);
          return 'decision' in result ? result.decision.chosen.probability : 0;
        };
        expect(at(high)).toBeGreaterThanOrEqual(at(low));
      }),
      { numRuns: 400 },
    );
  });

  it('the same input gives the same decision, also after others', () => {
    fc.assert(
      fc.property(inputs, inputs, (of, between) => {
        const first = decideRoute(of, estimator);
        decideRoute(between, estimator);
        expect(decideRoute(of, estimator)).toEqual(first);
      }),
      { numRuns: 150 },
    );
  });

  it('any text is judged without a throw and with probabilities in range', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const result = decideRoute(input(ask(text)), estimator);
        if (!('decision' in result)) throw new Error('the starter farm always answers');
        for (const one of result.decision.candidates) {
          expect(one.probability).toBeGreaterThanOrEqual(0);
          expect(one.probability).toBeLessThanOrEqual(1);
          expect(Number.isFinite(one.cost) && Number.isFinite(one.latencyMs)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('odd requests', () => {
  it.each([
    ['ten megabytes', ask('a'.repeat(10_000_000))],
    ['ten megabytes of options', ask('A) '.repeat(3_000_000))],
    ['no messages', ask('', { messages: [] })],
    ['no user message', ask('', { messages: [{ role: 'assistant', content: [] }] })],
    ['lone surrogates', ask('\ud800 \udfff what is this \udc00')],
    ['a null byte', ask('\u0000')],
    [
      'many empty parts',
      ask('', {
        messages: [
          {
            role: 'user',
            content: Array.from({ length: 50_000 }, () => ({ type: 'text' as const, text: '' })),
          },
        ],
      }),
    ],
  ])('get a decision: %s', (_, request) => {
    const result = decideRoute(input(request), estimator);
    expect('decision' in result && result.decision.spoke).toBeTruthy();
  });

  it('a spoke with broken figures cannot poison the choice', () => {
    const broken = spoke('broken', {
      secondsPerToken: Number.NaN,
      price: { input: Number.NaN, output: 1 },
    });
    const result = decideRoute(input(ask('hello'), { spokes: [broken, spoke('good')] }), estimator);
    expect('decision' in result && result.decision.spoke).toBe('good');
    expect(rejectionOf(result, 'broken')?.code).toBe('health');
  });
});
