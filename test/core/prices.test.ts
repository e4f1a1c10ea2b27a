import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';

function pricesOf(price: object) {
  const url = 'http://127.0.0.1:9/v1';
  const prices = { big: { input: 2, output: 10, ...price } };
  return parseConfig({ destinations: [{ id: 'vendor', kind: 'openai', url, prices }] })
    .destinations[0]?.prices;
}

describe('the price of what a cache served', () => {
  it.each([{}, { cachedInput: 0 }, { cachedInput: 2 }])('may be %o', (price) => {
    expect(pricesOf(price)?.['big']).toMatchObject({ input: 2, ...price });
  });

  it('is refused above that of the prompt, which is what a budget sets aside', () => {
    expect(() => pricesOf({ cachedInput: 2.5 })).toThrow(
      /destinations.*prices\.big\.cachedInput.*must be at most `input`/,
    );
  });
});
