import { describe, expect, it } from 'vitest';
import type { FeedbackRow } from '../../src/core/outcome.ts';
import { answererOf, gradeOf, outcomesOf } from '../../src/record/outcomes.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { sampleAttempt } from './samples.ts';

const receipt = sampleReceipt('req_a', {
  attempts: [
    sampleAttempt({ spoke: 'broken', outcome: 'failed' }),
    sampleAttempt({ spoke: 'small', outcome: 'escalated' }),
    sampleAttempt({ spoke: 'large', outcome: 'released' }),
  ],
  confidence: 0.8,
});

function said(source: FeedbackRow['source'], score: number): FeedbackRow {
  return { receipt: 'req_a', source, key: 'key_a', score, at: 1 };
}

describe('outcomes', () => {
  it('are of the spoke that each source saw: a failure says nothing of an answer', () => {
    expect(outcomesOf(receipt, [said('thumbs', 0)])).toEqual([
      { spoke: 'small', source: 'escalation', score: 0 },
      { spoke: 'large', source: 'verification', score: 0.8 },
      { spoke: 'large', source: 'thumbs', score: 0 },
    ]);
    expect(answererOf(receipt)).toBe('large');
  });

  it('grade an answer by the most careful source', () => {
    const all = [said('thumbs', 1), said('correction', 0), said('score', 0.4)];
    const grade = (count: number) => gradeOf(outcomesOf(receipt, all.slice(0, count)), 'large');
    expect(grade(0)).toMatchObject({ source: 'verification', score: 0.8 });
    expect(grade(1)).toMatchObject({ source: 'thumbs', score: 1 });
    expect(grade(2)).toMatchObject({ source: 'correction', score: 0 });
    expect(grade(3)).toMatchObject({ source: 'score', score: 0.4 });
    expect(gradeOf(outcomesOf(receipt, all), 'small')).toMatchObject({ source: 'escalation' });
    expect(gradeOf(outcomesOf(receipt, all), 'broken')).toBeUndefined();
  });

  it('are none where nobody answered, whatever is said', () => {
    const { confidence: _, ...bare } = receipt;
    const nobody = { ...bare, attempts: [] };
    expect(outcomesOf(nobody, [said('thumbs', 1)])).toEqual([]);
    expect(answererOf(nobody)).toBeUndefined();
  });
});
