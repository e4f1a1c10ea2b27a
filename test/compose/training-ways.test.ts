import { expect, it } from 'vitest';
import { requireWay } from '../../src/compose/training-ways.ts';
import type { TrainingOrderWords } from '../../src/core/training-job.ts';

const order: TrainingOrderWords = {
  kind: 'score',
  name: 'stars',
  data: { kind: 'path', path: '/rows.csv' },
  test: null,
  target: null,
  seed: 1,
  promote: false,
};
const TRAFFIC = { kind: 'traffic', capability: 'stars', labels: null } as const;

it('refuses what a kind cannot be learnt by', () => {
  expect(() => requireWay({ ...order, target: 0.9, tolerance: 0.5 })).not.toThrow();
  expect(() => requireWay({ ...order, data: TRAFFIC })).toThrow('numbers are learnt from a file');
  expect(() => requireWay({ ...order, kind: 'intents', tolerance: 1 })).toThrow(
    'only numbers have a tolerance',
  );
  expect(() => requireWay({ ...order, kind: 'extract', target: 0.9 })).toThrow(
    'no target to stop at',
  );
});
