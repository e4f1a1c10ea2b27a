import { describe, expect, it } from 'vitest';
import { RequestHistory } from '../../src/fleet/request-history.ts';

const asked = (...times: readonly number[]) => {
  const history = new RequestHistory();
  for (const time of times) history.note(time);
  return history;
};
const every = (ms: number, count: number) =>
  asked(...Array.from({ length: count }, (_, index) => index * ms));

describe('the predicted reuse of a model', () => {
  it('is higher for one that is asked more often', () => {
    const now = 595_000;
    expect(every(10_000, 60).reuse(now)).toBeGreaterThan(5 * every(100_000, 6).reuse(now));
  });

  it('falls far when a burst has ended, and not between two beats of a clockwork', () => {
    const burst = every(1000, 60);
    const clockwork = every(60_000, 60);
    const [burstEnd, beat] = [59_000, 59 * 60_000];
    expect(burst.reuse(burstEnd + 30_000)).toBeLessThan(burst.reuse(burstEnd) / 5);
    expect(clockwork.reuse(beat + 30_000)).toBeGreaterThan(clockwork.reuse(beat));
  });

  it('rises towards the next beat of a clockwork', () => {
    const clockwork = every(60_000, 60);
    const beat = 59 * 60_000;
    expect(clockwork.reuse(beat + 50_000)).toBeGreaterThan(clockwork.reuse(beat + 1000));
  });

  it('fades for one that was asked once', () => {
    expect(asked(0).reuse(600_000)).toBeLessThan(asked(0).reuse(1000) / 2);
  });
});
