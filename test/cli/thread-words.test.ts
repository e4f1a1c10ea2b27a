import { expect, it } from 'vitest';
import { otherHolders, threadsHeld, threadsOf } from '../../src/cli/thread-words.ts';

const status = {
  threads: 4,
  threadHolders: [
    { holder: 'qwen', threads: 3, priority: 'interactive' },
    { holder: 'training', threads: 1, priority: 'background' },
  ],
} as const;

it('says who has how many threads', () => {
  expect(threadsOf(status, 'qwen')).toBe('3');
  expect(threadsOf(status, 'smollm')).toBe('–');
  expect(otherHolders(status, [{ id: 'qwen' }])).toEqual(['Also computing: training (1 thread)']);
  expect(otherHolders({ ...status, threadHolders: [] }, [])).toEqual([]);
  expect(threadsHeld(status)).toBe('4 of 4 threads in use');
});
