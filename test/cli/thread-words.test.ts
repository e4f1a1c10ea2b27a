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

it('says where more compute than there are threads', () => {
  const holder = { threads: 1, priority: 'interactive' } as const;
  const threadHolders = ['a', 'b', 'c'].map((name) => ({ ...holder, holder: name }));
  expect(threadsHeld({ threads: 1, threadHolders })).toBe('1 of 1 thread in use, shared by 3');
});
