import { describe, expect, it } from 'vitest';
import { ask, chosen, decide, rejectionOf, topics } from './farm.ts';

describe('a classifier', () => {
  it.each([
    ['named labels', 'Is this about billing or shipping? "My parcel is lost."'],
    ['its own name', 'Use topics for this message: my card was charged twice'],
    [
      'a request to sort what its name describes',
      'Classify the topic of this support message: my card was charged twice',
    ],
  ])('serves %s', (_, text) => {
    expect(rejectionOf(decide(text), 'topics')).toBeUndefined();
  });

  it('is chosen, cheap and probable, for its own trade', () => {
    const decision = chosen(
      'Classify this message as billing, shipping, returns or technical: where is my parcel?',
    );
    expect(decision.spoke).toBe('topics');
    expect(decision.chosen.probability).toBeGreaterThan(0.7);
    expect(decision.cascade.length).toBeGreaterThan(0);
    expect(decision.cascade).not.toContain('hub');
  });

  it('serves a schema with exactly its labels, in any order', () => {
    const format = (labels: readonly string[]) =>
      ({
        type: 'json-schema',
        name: 'label',
        schema: { type: 'object', properties: { topic: { type: 'string', enum: labels } } },
      }) as const;
    const message = 'My card was charged twice.';
    const own = ask(message, {
      responseFormat: format(['technical', 'returns', 'billing', 'shipping']),
    });
    expect(chosen(own).spoke).toBe('topics');
    const foreign = ask(message, { responseFormat: format(['billing', 'shipping']) });
    expect(rejectionOf(decide(foreign), 'topics')?.code).toBe('schema');
  });

  it.each([
    'Write a Python function that returns 1.',
    'Sam has 3 apples and buys 4 more. How many apples has he now?',
    'What is the capital of Peru?',
  ])(
    'is sure of its trade where the schema offers its labels, whatever the message: %s',
    (text) => {
      const labels = ['technical', 'returns', 'billing', 'shipping'];
      const decision = chosen(
        ask(text, {
          responseFormat: { type: 'json-schema', name: 'label', schema: { enum: labels } },
        }),
      );
      expect(decision.spoke).toBe('topics');
      expect(decision.chosen.probability).toBeGreaterThan(0.8);
    },
  );

  it.each([
    'Sort these numbers: 3, 1, 2',
    'Write a poem about shipping.',
    'Is this review positive or negative? The soup was cold.',
    'Classify this flower by its petals.',
  ])('is left out of: %s', (text) => {
    expect(rejectionOf(decide(text), 'topics')?.code).toBe('not-suited');
  });

  it('without labels serves nobody', () => {
    const { labels, ...bare } = topics;
    expect(labels?.length).toBe(4);
    expect(
      rejectionOf(decide('Use topics: where is my parcel?', { spokes: [bare] }), 'topics')?.code,
    ).toBe('not-suited');
  });
});
