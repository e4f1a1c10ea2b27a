import { describe, expect, it } from 'vitest';
import { isNested, questionParts } from '../../src/base/question-parts.ts';
import { newNames } from '../../src/ground/bridging.ts';
import { isDocument, isHeading, referencesIn } from '../../src/ground/references.ts';

describe('the parts of a question', () => {
  it.each([
    [
      'How much does the Velo 3 weigh and when are visitors welcome?',
      ['How much does the Velo 3 weigh', 'when are visitors welcome'],
    ],
    ['Who runs the port? Where is the crane?', ['Who runs the port', 'Where is the crane']],
    [
      'Which is heavier, the Velo 5 or the Marlo 200?',
      ['Which is heavier, the Velo 5', 'Which is heavier, the Marlo 200'],
    ],
  ])('of “%s”', (question, parts) => {
    expect(questionParts(question).map((one) => one.asked)).toEqual(parts);
  });

  it.each([
    'How much does the pump weigh?',
    'What are the terms and conditions of the contract?',
    'Who signs for bread and butter?',
    '',
    `What is meant by this text?\n\n${'A and what B. '.repeat(50)}`,
  ])('are not told apart in “%s”', (question) => {
    expect(questionParts(question)).toEqual([]);
  });

  it('are searched with the name that a later one only refers to', () => {
    const [, second] = questionParts('What does the Velo 3 weigh and who repairs it?');
    expect(second).toMatchObject({ asked: 'who repairs it', query: 'who repairs it Velo 3' });
  });

  it('are no more than four', () => {
    const question = Array.from({ length: 9 }, (_one, at) => `Where is house ${at}?`).join(' ');
    expect(questionParts(question)).toHaveLength(4);
  });
});

describe('a question about what another document names', () => {
  it.each([
    ['Where is the seat of the firm that makes the Tilla 20?', true],
    ['At which extension is the head nurse of Ward Rowan reached?', true],
    ['Who is the head nurse of Ward Rowan?', false],
    ['What is the weight of the pump?', false],
  ])('“%s”: %s', (question, nested) => {
    expect(isNested(question)).toBe(nested);
  });

  it('goes on under the names that a sentence brings, not under those that were asked', () => {
    const sentence = 'The Tilla 20 is a lift made by Hebe Works.';
    expect(newNames(sentence, 'Who makes the Tilla 20?', 'auto')).toEqual(['Hebe Works']);
    expect(newNames('It is kept dry.', 'Who keeps it?', 'auto')).toEqual([]);
  });
});

describe('places that a sentence points to', () => {
  it.each([
    ['It is settled as described in section 4.2.', [['section', '4.2']]],
    ['For spills see Annex B.', [['section', 'Annex B']]],
    ['See [the rules](rules/fire.md#doors) first.', [['document', 'rules/fire.md']]],
    ['The Donations Guideline applies.', [['document', 'Donations Guideline']]],
    [
      'The limits of section 3 of the Travel Policy hold.',
      [
        ['document', 'Travel Policy'],
        ['section', '3'],
      ],
    ],
    ['Read https://example.org/rules.md for more.', []],
    ['See what happens, it says nothing in this part.', []],
  ])('“%s”', (sentence, places) => {
    expect(referencesIn(sentence).map((one) => [one.kind, one.name])).toEqual(places);
  });

  it('are found by number, letter or all words, never by a part of a number', () => {
    expect(isHeading('4.2 Long months', '4.2')).toBe(true);
    expect(isHeading('4.21 Others', '4.2')).toBe(false);
    expect(isHeading('Annex B: Emergency kit', 'Annex B')).toBe(true);
    expect(isHeading('Annex Beta', 'Annex B')).toBe(false);
    expect(isDocument('rules/travel-policy.md', undefined, 'Travel Policy')).toBe(true);
    expect(isDocument('rules/travel.md', undefined, 'Travel Policy')).toBe(false);
  });

  it('are few even in a hostile sentence', () => {
    expect(referencesIn(`see ${'Aa '.repeat(20_000)}`).length).toBeLessThanOrEqual(4);
    expect(referencesIn('described in the '.repeat(5000)).length).toBeLessThanOrEqual(4);
    expect(isNested(`the ${'head '.repeat(20_000)}`)).toBe(false);
  });
});
