import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import { compareAnswers } from '../../src/verify/same-answer.ts';

const asked = (text: string, responseFormat?: { type: 'json' }) => ({
  messages: [{ role: 'user' as const, content: textPart(text) }],
  ...(responseFormat === undefined ? {} : { responseFormat }),
});
const compare = (prompt: string, yardstick: string, other: string) =>
  compareAnswers(asked(prompt), yardstick, other);
const json = (yardstick: string, other: string) =>
  compareAnswers(asked('Extract.', { type: 'json' }), yardstick, other);

const same = (as: string) => ({ as, agreement: 1 });
const other = (as: string) => ({ as, agreement: 0 });

describe('numbers', () => {
  const prompt = 'What is 17 + 25?';
  it.each([
    ['42', '42'],
    ['$1,250.50', '1250.5'],
    ['**42**', 'There are 42 apples left.'],
    ['17 + 25 = 42', '17 + 25 = 42.'],
    ['Some steps.\n#### 42', 'The answer is 42.'],
    ['\\boxed{42}', '42 apples'],
    ['−3', '-3'],
    ['1,5', '1.5'],
  ])('%s is %s', (one, another) => {
    expect(compare(prompt, one, another)).toEqual(same('number'));
  });
  it('reads the conclusion where the request asks for a number', () => {
    const many = 'How many eggs are left?';
    const told =
      'She lays 16. Then 16 - 7 = 9 eggs are sold for $2, so she makes 9 * $2 = $18 a day.';
    expect(compare(many, told, 'She makes 18.')).toEqual(same('number'));
    expect(compare(many, 'She sold 3 of 12. So 9 eggs are left.', '10')).toEqual(other('number'));
    expect(compare(many, 'First 7, then 8. So 9 of 16 are left.', '9')).toBeUndefined();
    expect(
      compare('Tell me of eggs.', 'She sold 3 of 12. So 9 eggs are left.', '9'),
    ).toBeUndefined();
  });
  it('tells another number, and an answer without the number', () => {
    expect(compare(prompt, '42', '41')).toEqual(other('number'));
    expect(compare(prompt, '42', 'It is the sum of 17 and 25.')).toEqual(other('number'));
    expect(compare(prompt, '42', 'It is more than 40, less than 44, so 43 or 42.')).toBeUndefined();
  });
});

describe('choices', () => {
  const prompt = 'Which is a planet?\nA. Moon\nB. Mars\nC. Sirius';
  it.each([
    ['B', '(B)'],
    ['B. Mars', 'The answer is B.'],
    ['b is wrong. Answer: B', 'Mars'],
    ['(B) Mars', '**B**'],
  ])('%s is %s', (one, another) => {
    expect(compare(prompt, one, another)).toEqual(same('choice'));
  });
  it('tells another letter, and leaves alone what mentions the choice in other words', () => {
    expect(compare(prompt, 'B', 'C')).toEqual(other('choice'));
    expect(compare(prompt, 'B', 'Stars and moons are no planets')).toEqual(other('choice'));
    expect(compare(prompt, 'B', 'I believe that Mars is one')).toBeUndefined();
  });
});

describe('labels', () => {
  const prompt = 'Is this review positive, negative or mixed? I loved it.';
  it('compares short answers of the request’s own words', () => {
    expect(compare(prompt, 'Positive', '"positive".')).toEqual(same('label'));
    expect(compare(prompt, 'positive', 'negative')).toEqual(other('label'));
    expect(compare(prompt, 'positive', 'It is a happy one')).toEqual(other('label'));
    expect(compare(prompt, 'positive', 'This one is rather positive')).toBeUndefined();
  });
  it('compares yes and no', () => {
    expect(compare('Is water wet?', 'Yes.', 'Yes, it is.')).toEqual(same('label'));
    expect(compare('Is water wet?', 'Yes', 'No')).toEqual(other('label'));
  });
  it('leaves free text alone, also where it is the same', () => {
    expect(compare('Name a city.', 'Paris', 'Paris')).toBeUndefined();
    expect(compare('Name a city.', 'Paris', 'Rome')).toBeUndefined();
    const poem = 'Rain falls on the roof tonight, and I am listening.';
    expect(compare('Write a poem.', poem, poem)).toBeUndefined();
  });
});

describe('JSON', () => {
  it('counts the values that both have, in any order, without free text', () => {
    expect(json('{"a":1,"b":["x","y"]}', '{"b":["Y","x"],"a":"1"}')).toEqual(same('json'));
    expect(json('{"a":1,"b":2}', '{"a":1,"b":3}')).toEqual({ as: 'json', agreement: 0.5 });
    expect(json('{"label":"billing"}', '{"label":"Billing"}')).toEqual(same('label'));
    expect(json('{"label":"billing"}', '{"label":"returns"}')).toEqual(other('label'));
    const said = 'he said that he would come tomorrow';
    expect(json(`{"who":"Bob","note":"${said}"}`, '{"who":"Bob","note":"later"}')).toEqual(
      same('json'),
    );
    expect(json(`{"note":"${said}"}`, `{"note":"${said}"}`)).toBeUndefined();
    expect(json('{}', '{}')).toBeUndefined();
  });
});
