import { expect, it } from 'vitest';
import { redactText } from '../../src/policy/redaction.ts';

it('puts the name of the shape in the place of personal data and leaves the rest', () => {
  const { text, count } = redactText('Write to ann@example.org and bob@example.org, please.');
  expect(text).toBe('Write to [email] and [email], please.');
  expect(count).toBe(2);
  expect(redactText('My card has not arrived')).toEqual({
    text: 'My card has not arrived',
    count: 0,
  });
});
