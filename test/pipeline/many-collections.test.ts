import { expect, it } from 'vitest';
import { PUMP } from './scripted-knowledge.ts';
import { ask, openWorld } from './scripted-parts.ts';

it('auto looks into those of many collections that fit best, wherever they stand, and not into all', async () => {
  const others = Array.from({ length: 20 }, (_one, index) => [
    `a${index}`,
    { sentences: ['The canteen opens at noon.'], strength: index / 100 },
  ]);
  const world = await openWorld({
    models: { small: ['I do not know.'], grounded: [`${PUMP[1]} [2]`] },
    collections: { ...Object.fromEntries(others), manual: { sentences: PUMP } },
  });
  await ask(world, 'auto', 'What is the part number of the seal kit called?');
  expect(world.knowledge.searched.toSorted()).toEqual(['a16', 'a17', 'a18', 'a19', 'manual']);
});
