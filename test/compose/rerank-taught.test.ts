import { describe, expect, it } from 'vitest';
import { composeRerank } from '../../src/compose/rerank.ts';
import type { DoWork } from '../../src/compose/work.ts';
import type { Caller } from '../../src/core/call.ts';
import type { CanaryRoute } from '../../src/core/canary.ts';
import type { RankerName } from '../../src/core/ranker.ts';
import { CALLER } from '../server/scripted-farm.ts';

const { signal } = new AbortController();

function named(id: string, version: string, readers?: readonly string[]): RankerName {
  const ranked = [
    { index: 1, score: 0.9 },
    { index: 0, score: 0.1 },
  ];
  return {
    id,
    description: 'orders',
    readers,
    ranker: { version, doRank: async () => ({ ranked, tokens: 7, legs: ['lexical'] }) },
  };
}

/** Who ranks a request, by its receipt's model. */
function farmWith(rankers: readonly RankerName[], trial?: CanaryRoute) {
  const doWork = (async ({ run }) => run()) as DoWork;
  const rerank = composeRerank({
    models: {
      embedder: () => undefined,
      catalogue: { find: () => undefined },
    } as unknown as Parameters<typeof composeRerank>[0]['models'],
    rank: async ({ texts }) => texts.map((_, index) => ({ index, score: 0 })),
    denseWeight: 0.5,
    doWork,
    ownName: (name) => (name === 'alias' ? 'places' : name),
    specialists: () => ({ rankers, canaryOf: () => trial }),
  });
  return async (model: string, query = 'where', caller: Caller = CALLER) => {
    const wish = { id: `req_${query}`, model, query, documents: ['one', 'two'], caller };
    return rerank(wish, signal);
  };
}

describe('a specialist orders the documents of /v1/rerank', () => {
  it('by its name or an alias, and others go the usual way', async () => {
    const ask = farmWith([named('places', 'places@1')]);
    for (const name of ['places', 'alias'])
      expect(await ask(name)).toMatchObject({
        model: 'classifier:places@1',
        tokens: 7,
        ranked: [{ index: 1 }, { index: 0 }],
      });
    expect(await ask('auto')).toMatchObject({
      model: 'auto',
      ranked: [{ index: 0 }, { index: 1 }],
    });
    await expect(ask('others')).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it('for those alone who may use it', async () => {
    const ask = farmWith([named('places', 'places@1', ['key:k2'])]);
    const other = { ...CALLER, key: 'k2' };
    await expect(ask('places')).rejects.toMatchObject({ code: 'model_not_found' });
    expect(await ask('places', 'where', other)).toMatchObject({ model: 'classifier:places@1' });
  });

  it('and a version on trial a share of the requests', async () => {
    const ask = farmWith([named('places', 'places@1'), named('places@2', 'places@2')], {
      spoke: 'places@2',
      share: 0.2,
    });
    const queries = Array.from({ length: 400 }, (_, at) => `query ${at}`);
    const models = await Promise.all(
      queries.map(async (query) => (await ask('places', query)).model),
    );
    const share = models.filter((one) => one === 'classifier:places@2').length / 400;
    expect(share).toBeGreaterThan(0.13);
    expect(share).toBeLessThan(0.27);
  });

  it('and says so where it is damaged', async () => {
    const { ranker: _gone, ...damaged } = named('places', 'places@1');
    await expect(farmWith([damaged])('places')).rejects.toMatchObject({
      code: 'specialist_damaged',
    });
  });
});
