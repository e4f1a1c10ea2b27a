import { expect, it } from 'vitest';
import { shadowWishSchema } from '../../src/core/shadow.ts';

it('lets a reset of shadow runs drop no other change silently', () => {
  expect(shadowWishSchema.parse({ reset: true })).toEqual({ reset: true });
  expect(shadowWishSchema.parse({ rate: 0.1, spokes: [] })).toEqual({ rate: 0.1, spokes: [] });
  for (const change of [{ rate: 0.1 }, { spokes: [] }, { budget: 1 }, { seconds: 1 }]) {
    const { error } = shadowWishSchema.safeParse({ reset: true, ...change });
    expect(error?.issues[0]).toMatchObject({ path: ['reset'] });
  }
});
