import { describe, expect, it } from 'vitest';
import { isRightAnswer } from '../../src/learn/answer-grading.ts';

describe('isRightAnswer', () => {
  it.each([
    ['The daily allowance is 38 euros for full days.', ['38']],
    ['It must be serviced every 1200 hours.', ['1,200']],
    ['At most three retries.', ['3']],
    ['It costs 14.6 months.', ['14.6 months']],
    ['`UND_ERR_REQ_RETRY` is thrown.', ['UND_ERR_REQ_RETRY']],
    ['The entry angles are greatly increased.', ['increases']],
    ['No, it is off by default.', ['no']],
    ['Dogs are not allowed.', ['No.']],
    ['Dogs are allowed.', ['yes']],
    ['Trips are approved by the head of the department.', ['wrong', 'the head of department']],
    [
      'Wiping is done remotely by the security desk.',
      ['the security desk wipes the device remotely'],
    ],
  ])('takes “%s” for %j', (answer, gold) => {
    expect(isRightAnswer(answer, gold)).toBe(true);
  });

  it.each([
    ['The daily allowance is 138 euros.', ['38']],
    ['It costs 14 euros.', ['14.6']],
    ['Dogs are allowed.', ['no']],
    ['Dogs are not allowed.', ['yes']],
    ['The head of state approves it.', ['the head of department']],
    ['', ['38']],
    ['anything', []],
    ['The desk wipes the device within 3 hours.', ['The desk wipes the device within 2 hours']],
  ])('does not take “%s” for %j', (answer, gold) => {
    expect(isRightAnswer(answer, gold)).toBe(false);
  });
});
