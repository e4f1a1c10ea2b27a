import { expect, it } from 'vitest';
import { findFragment } from '../../src/verify/fragment.ts';

it('an answer of a number alone may have no unit that nothing around it names', () => {
  const question = 'What is the salary of Anna Berg?';
  const rows = ['name: Anna Berg; salary: 51000', 'name: Tom Hale; salary: 48000'];
  expect(findFragment('51000', question, rows, rows)).toMatchObject({ index: 0 });
  expect(findFragment('51000 euros', question, rows, rows)).toBeUndefined();
  const headed = rows.map((row) => `${row} Salaries in EUR`);
  expect(findFragment('51000 euros', question, rows, headed)).toMatchObject({ index: 0 });
});
