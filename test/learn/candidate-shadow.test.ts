import { expect, it } from 'vitest';
import {
  learnLabelled,
  learnShadowed,
  shadowWords,
  startShadow,
} from '../../src/learn/candidate-shadow.ts';
import { compareVersions } from '../../src/verify/same-form.ts';

const start = startShadow({ against: 4, since: 0 });
const answered = (agreement: number | undefined) => ({
  agreement,
  ownMs: 0.5,
  liveMs: 20,
  isKept: false,
});

it('says how often two versions say the same, how long each takes, and what it could not answer', () => {
  let shadow = start;
  for (let at = 0; at < 100; at += 1) shadow = learnShadowed(shadow, answered(at < 90 ? 1 : 0.5));
  shadow = learnShadowed(shadow, answered(undefined));
  expect(shadowWords(shadow)).toBe(
    'answers unseen beside version 4: 100 requests, 1 more that it could not answer; the same in 90.0 % (95 %: 82.6 % – 94.5 %), 10 differ, 95.0 % of all values the same; 0.50 against 20 ms',
  );
});

it('tests the two on the labelled rows that only one has right', () => {
  let shadow = learnShadowed(start, answered(1));
  const label = (isOwnRight: boolean, isLiveRight: boolean, count: number) => {
    for (let at = 0; at < count; at += 1)
      shadow = learnLabelled(shadow, { isOwnRight, isLiveRight });
  };
  label(true, false, 9);
  label(false, true, 1);
  label(true, true, 30);
  label(false, false, 2);
  // Two-sided binomial of 1 or fewer of 10: 2 · 11 ÷ 1024.
  expect(shadowWords(shadow)).toContain(
    'of 42 labelled rows 39 right against 31, only it 9 times, only version 4 1 times (exact McNemar p = 0.021)',
  );
});

it('compares what versions of one specialist say, not how sure they are of it', () => {
  const agreement = (live: string, own: string) => compareVersions(live, own).agreement;
  expect(agreement('refund', ' Refund.')).toBe(1);
  expect(agreement('refund', 'none of these')).toBe(0);
  expect(agreement('{"label":"a","confidence":0.9}', '{"label":"a","confidence":0.4}')).toBe(1);
  expect(agreement('{"label":"a","confidence":0.9}', '{"label":null,"confidence":0.9}')).toBe(0);
  const fields = (day: string, sure: number) =>
    JSON.stringify({ fields: { day, place: 'Rome' }, spans: [{ start: 1, confidence: sure }] });
  expect(agreement(fields('Monday', 0.9), fields('Monday', 0.3))).toBe(1);
  expect(agreement(fields('Monday', 0.9), fields('Sunday', 0.9))).toBe(0.5);
  expect(agreement('{"total":12,"tax":3}', '{"total":12,"tax":4}')).toBe(0.5);
});

it('takes numbers for the same within the tolerance of a specialist for numbers', () => {
  const agreement = (live: string, own: string) => compareVersions(live, own, 0.5).agreement;
  expect(agreement('3.5', '4')).toBe(1);
  expect(agreement('3.5', '4.2')).toBe(0);
  expect(agreement('{"score":3,"confidence":0.2}', '{"score":3.4,"confidence":0.9}')).toBe(1);
  expect(agreement('{"score":3,"confidence":0.2}', '{"score":4,"confidence":0.2}')).toBe(0);
  expect(agreement('3', 'none of these')).toBe(0);
});
