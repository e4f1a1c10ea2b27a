import { expect, it } from 'vitest';
import { type ShadowJob, ShadowQueue } from '../../src/compose/shadow-queue.ts';
import { chosen } from '../gate/farm.ts';

const decision = chosen('Name the colour of thing 77');

function job(of: string, change: Partial<ShadowJob> = {}): ShadowJob {
  return {
    of,
    served: 'quick',
    asked: ['quick'],
    text: 'red',
    finishReason: 'stop',
    request: { model: 'auto', messages: [], sampling: {} },
    label: 'internal',
    decision,
    at: 0,
    size: 10,
    tries: 0,
    ...change,
  };
}

function open() {
  const lost: string[] = [];
  return { queue: new ShadowQueue((reason) => lost.push(reason)), lost };
}

it('gives the oldest first, and one that was put back before all others', () => {
  const { queue } = open();
  for (const of of ['a', 'b', 'c']) queue.push(job(of));
  const first = queue.take(0);
  expect(first?.of).toBe('a');
  if (first !== undefined) queue.putBack(first);
  expect([queue.take(0)?.of, queue.take(0)?.of, queue.length]).toEqual(['a', 'b', 1]);
});

it('gives up the oldest where too many wait or too much, but nobody for one that is too large', () => {
  const { queue, lost } = open();
  for (let at = 0; at < 33; at += 1) queue.push(job(`j${at}`));
  expect([queue.length, queue.take(0)?.of, lost]).toEqual([32, 'j1', ['queue-full']]);
  queue.push(job('huge', { size: 5_000_000 }));
  expect([queue.length, lost]).toEqual([31, ['queue-full', 'too-large']]);
  queue.push(job('large', { size: 4_000_000 }));
  expect(queue.length).toBe(1);
  expect(queue.take(0)?.of).toBe('large');
});

it('gives up what has waited too long', () => {
  const { queue, lost } = open();
  queue.push(job('old'));
  queue.push(job('new', { at: 900_000 }));
  expect(queue.take(900_001)?.of).toBe('new');
  expect(lost).toEqual(['too-late']);
});
