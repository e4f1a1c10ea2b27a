import { expect, it } from 'vitest';
import { nearestRows } from '../../src/learn/taught-nearby.ts';

const rows = [
  { text: 'Where is my card?', label: 'card_arrival' },
  { text: 'Where is my new bank card, please?', label: 'card_arrival' },
  { text: 'Where is the station?', label: 'travel' },
  { text: 'zzz', label: 'nothing' },
];

it('names the rows whose words are nearest, rare words counting more than common ones', () => {
  const found = nearestRows(rows, 'where is my card', 5);
  expect(found.map(({ row, label }) => [row, label])).toEqual([
    [1, 'card_arrival'],
    [2, 'card_arrival'],
    [3, 'travel'],
  ]);
  expect(found[0]?.likeness).toBeGreaterThan(0.8);
  const likenesses = found.map((one) => one.likeness);
  expect(likenesses).toEqual(likenesses.toSorted((left, right) => right - left));
  expect(nearestRows(rows, 'Where is my card?', 1)[0]?.likeness).toBeCloseTo(1, 6);
});

it('names none that shares nothing with the text', () => {
  expect(nearestRows(rows, 'ΩΩΩ', 5)).toEqual([]);
  expect(nearestRows([], 'card', 5)).toEqual([]);
  expect(nearestRows(rows, '', 5)).toEqual([]);
});
