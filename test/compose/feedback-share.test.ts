import { expect, it } from 'vitest';
import { FeedbackShare } from '../../src/compose/feedback-share.ts';
import type { KeyRow } from '../../src/core/stores.ts';

const keyOf = (id: string, principals: readonly string[] = ['public']): KeyRow => ({
  id,
  name: id,
  hash: id,
  principals,
  keepsText: false,
  createdAt: 1,
});
const [ann, bob] = [keyOf('ann'), keyOf('bob')];
const boss = keyOf('boss', ['public', 'operator']);

/** Of so many grades that a key gives, those that count. */
async function taken(share: FeedbackShare, { id, principals }: KeyRow, count: number) {
  let sum = 0;
  for (let at = 0; at < count; at += 1)
    if (await share.doTake('quick', { key: id, principals })) sum += 1;
  return sum;
}

const shareOf = (...keys: KeyRow[]) => new FeedbackShare({ doListKeys: async () => keys });

it('lets no ordinary key say more than two grades beside the others, of each spoke', async () => {
  const share = shareOf(ann, bob, boss);
  expect(await taken(share, ann, 40)).toBe(2);
  expect(await taken(share, bob, 40)).toBe(4);
  expect(await taken(share, ann, 40)).toBe(4);
  expect(await share.doTake('general', { key: 'ann', principals: [] })).toBe(true);
});

it('believes operators, and the only key of a farm', async () => {
  expect(await taken(shareOf(ann, bob, boss), boss, 40)).toBe(40);
  expect(await taken(shareOf(ann, boss), ann, 40)).toBe(40);
  expect(await taken(shareOf(ann, { ...bob, revokedAt: 2 }), ann, 40)).toBe(40);
});
