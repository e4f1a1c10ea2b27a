import { describe, expect, it } from 'vitest';
import { ask, chosen, decide, general, quick, rejectionOf } from './farm.ts';

const FACT = 'How many vacation days do I get according to the handbook?';
const strong = { strength: 0.8, collection: 'handbook', required: false };

describe('evidence', () => {
  it('makes those step back who do not cite', () => {
    const result = decide(FACT, { evidence: strong });
    expect('decision' in result && result.decision.spoke).toBe('grounded');
    expect(rejectionOf(result, 'general')).toMatchObject({
      code: 'not-suited',
      reason: 'does not cite; a passage of handbook matches 0.80',
    });
    expect('decision' in result && result.decision.cascade).toEqual(['grounded-large']);
  });

  it('does not pull a story to the documents', () => {
    const decision = chosen('Write a story about a dragon.', { evidence: strong });
    expect(decision.spoke).toBe('general');
    expect(decision.rejected.find((one) => one.id === 'grounded')?.reason).toMatch(
      /^answers from documents; this looks like write/,
    );
  });

  it('that is weak leaves the question to the others', () => {
    const decision = chosen(FACT, { evidence: { ...strong, strength: 0.1 } });
    expect(['quick', 'general']).toContain(decision.spoke);
  });

  it('that is stronger raises the probability', () => {
    const at = (strength: number) =>
      chosen(FACT, { evidence: { ...strong, strength } }).candidates.find(
        (one) => one.spoke === 'grounded',
      )?.probability ?? 0;
    expect(at(1)).toBeGreaterThan(at(0.5));
  });
});

describe('a named collection', () => {
  const required = { strength: 0, collection: 'handbook', required: true };

  it.each([
    FACT,
    'hello',
    'Write a poem',
    'Summarise the policy, then translate it and draft a mail.',
  ])('is answered by a grounded spoke or by none: %s', (text) => {
    const decision = chosen(ask(text, { model: 'knowledge:handbook' }), { evidence: required });
    for (const id of [decision.spoke, ...decision.cascade]) expect(id).toMatch(/^grounded/);
    for (const one of decision.candidates) expect(one.spoke).toMatch(/^grounded/);
  });

  it('is refused when no grounded spoke is left, also to a spoke that is named or pinned', () => {
    const spokes = [quick, general];
    expect(decide(FACT, { spokes, evidence: required })).toMatchObject({
      rejected: [{ code: 'not-suited' }, { code: 'not-suited' }],
    });
    expect(
      decide(ask(FACT, { model: 'general' }), { spokes: [general], evidence: required }),
    ).toHaveProperty('rejected');
    const pinned = { spoke: 'general', why: 'session' } as const;
    expect(decide(FACT, { spokes, evidence: required, pinned })).toHaveProperty('rejected');
  });
});
