import { expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/chat.ts';
import { textPart } from '../../src/core/chat.ts';
import { gradePair } from '../../src/verify/shadow-grade.ts';

const request = (text: string, change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'auto',
  messages: [{ role: 'user', content: textPart(text) }],
  sampling: {},
  ...change,
});
const says = (spoke: string, text: string, change = {}) => ({
  spoke,
  text,
  finishReason: 'stop' as const,
  ...change,
});
const SUM = request('What is 17 + 25?');
const JSON_WANTED = request('Extract.', { responseFormat: { type: 'json' } });
const grade = (served: string, shadow: string, of = SUM, reference: string | undefined = 'dear') =>
  gradePair(of, says('cheap', served), says('dear', shadow), reference);

it('measures the other answer by the reference’s, whichever of the two was shown', () => {
  expect(grade('42', '42.')).toMatchObject({
    as: 'number',
    agreement: 1,
    grades: [
      { spoke: 'dear', score: 1 },
      { spoke: 'cheap', score: 1 },
    ],
    words: 'dear said the same (number)',
  });
  const shown = gradePair(SUM, says('dear', '42'), says('cheap', '41'), 'dear');
  expect(shown).toMatchObject({
    grades: [
      { spoke: 'dear', score: 1 },
      { spoke: 'cheap', score: 0 },
    ],
    words: 'cheap said something else (number)',
  });
});

it('grades no free text, however alike', () => {
  const poem = request('Write a poem about rain.');
  const verse = 'Rain falls on the roof, and all the gardens drink of it.';
  expect(grade(verse, verse, poem).grades).toEqual([]);
  expect(grade(verse, verse, poem).words).toContain('cannot be compared');
});

it('has no yardstick where neither is the reference, or where its answer fails a check', () => {
  expect(gradePair(SUM, says('cheap', '42'), says('other', '42'), 'dear')).toMatchObject({
    agreement: 1,
    grades: [],
  });
  expect(grade('42', '17 + 25 = 43')).toMatchObject({ as: 'number', agreement: 0, grades: [] });
  expect(grade('42', 'I cannot help with that.').grades).toEqual([]);
});

it('gives 0 to an answer that is none, where the yardstick answered', () => {
  expect(grade('I’m sorry, but I can’t answer that.', '42').grades).toEqual([
    { spoke: 'cheap', score: 0 },
  ]);
  const cut = gradePair(
    SUM,
    says('cheap', 'First we add', { finishReason: 'length' }),
    says('dear', '42'),
    'dear',
  );
  expect(cut.grades).toEqual([{ spoke: 'cheap', score: 0 }]);
});

it('gives 0 to JSON that is none, also the reference’s, and the other nothing for it', () => {
  expect(grade('{"a":1}', 'a is 1', JSON_WANTED)).toMatchObject({
    grades: [{ spoke: 'dear', score: 0 }],
    words: 'dear failed its check (schema)',
  });
  expect(grade('a', '{"a":1}', JSON_WANTED).grades).toEqual([{ spoke: 'cheap', score: 0 }]);
});
