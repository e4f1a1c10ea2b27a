import { describe, expect, it } from 'vitest';
import { endingBy, promiseEnd } from '../../src/base/deadlines.ts';

describe('deadlines', () => {
  it('takes a signal as it is when its owner ends it early enough', () => {
    const { signal } = new AbortController();
    promiseEnd(signal, 1000);
    expect(endingBy(signal, 1000, 0)).toBe(signal);
    expect(endingBy(signal, 999, 0)).not.toBe(signal);
  });

  it('ends any other signal at the time, and with its owner', async () => {
    const owner = new AbortController();
    const timed = endingBy(owner.signal, 1020, 1000);
    await new Promise((resolve) => timed.addEventListener('abort', resolve));
    expect(timed.reason).toMatchObject({ name: 'TimeoutError' });
    const led = endingBy(owner.signal, 1e9, 0);
    owner.abort(new Error('gone'));
    expect(led.reason).toMatchObject({ message: 'gone' });
  });
});
