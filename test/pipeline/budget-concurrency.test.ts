import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { receiptOf } from './readings.ts';
import { CUT, ended, type Script, type Step, WAIT } from './scripted-model.ts';
import { ANYONE, callOf, FRONTIER, openWorld, VENDOR, type World } from './scripted-parts.ts';

const DAY = () => new Date().toISOString().slice(0, 10);

/** Every choice has a seed of its own. */
const MOST_CHOICES = 4;

/** What becomes of one request, and what the vendor says it used. */
const request = fc.record({
  maxTokens: fc.integer({ min: 1, max: 400 }),
  usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  promptTokens: fc.integer({ min: 1, max: 16 }),
  choiceCount: fc.constantFrom(1, 1, 2, 4),
  fate: fc.constantFrom('answers', 'answers', 'fails', 'is cut', 'is cancelled', 'is left'),
});
type Wish = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** The vendor is told by the request's seed which wish it serves. */
function scriptOf(wishes: readonly Wish[]): Script {
  return (_turn, { sampling }): readonly Step[] => {
    const wish = wishes[Math.floor((sampling.seed ?? 0) / MOST_CHOICES)];
    if (wish === undefined) throw new Error('no such wish');
    const completionTokens = Math.floor(wish.maxTokens * wish.usedShare);
    const usage = { promptTokens: wish.promptTokens, cachedTokens: 0, completionTokens };
    const pause = new Promise<void>((resolve) => setImmediate(resolve));
    switch (wish.fate) {
      case 'fails':
        return [pause, new CadreError('invalid_request', 'the vendor refused')];
      case 'is cut':
        return ['Some ', pause, CUT];
      case 'is cancelled':
      case 'is left':
        return ['Some ', WAIT];
      default:
        return ['Some words.', pause, ended({ usage })];
    }
  };
}

/** Lives one request as its fate has it; resolves to its receipt. */
async function live(world: World, wish: Wish, index: number, budgetDaily: number) {
  const stop = new AbortController();
  const id = `req_${index}`;
  const call = callOf('frontier', 'Hi', {
    id,
    caller: { ...ANYONE, budgetDaily },
    request: {
      maxTokens: wish.maxTokens,
      choiceCount: wish.choiceCount,
      sampling: { seed: index * MOST_CHOICES },
    },
  });
  const events = [];
  for await (const event of world.pipeline.ask(call, stop.signal)) {
    events.push(event);
    if (event.type !== 'text-delta') continue;
    if (wish.fate === 'is left') break;
    if (wish.fate === 'is cancelled') stop.abort();
  }
  const kept: Receipt | undefined = await world.store.doGetReceipt(id);
  if (kept === undefined) throw new Error(`${id} left no receipt`);
  if (wish.fate !== 'is left') expect(receiptOf(events).id).toBe(id);
  return kept;
}

it('500 requests at once never spend more than their key’s budget, whatever becomes of each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 500, maxLength: 500 }),
      fc.integer({ min: 1, max: 400 }),
      async (wishes, thousandths) => {
        const budget = thousandths / 1000;
        const world = await openWorld({
          models: { frontier: scriptOf(wishes) },
          config: { destinations: [VENDOR], spokes: [FRONTIER] },
        });
        let isDone = false;
        let highest = 0;
        const watch = (async () => {
          while (!isDone) {
            highest = Math.max(highest, await world.store.doSpent(ANYONE.key, DAY()));
            await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        const receipts = await Promise.all(
          wishes.map((wish, index) => live(world, wish, index, budget)),
        );
        isDone = true;
        await watch;
        expect(highest).toBeLessThanOrEqual(budget + 1e-9);
        const amounts = new Map(world.reserved.map(({ id, amount }) => [id, amount]));
        for (const { id, cost } of receipts)
          expect(cost.total).toBeLessThanOrEqual((amounts.get(id) ?? 0) + 1e-12);
        // What is booked in the end is what the receipts say, once each: nothing stays set aside.
        const billed = receipts.reduce((sum, receipt) => sum + receipt.cost.total, 0);
        expect(await world.store.doSpent(ANYONE.key, DAY())).toBeCloseTo(billed, 6);
        expect(billed).toBeLessThanOrEqual(budget + 1e-9);
        expect(world.reserved.length).toBe(new Set(world.settled.map((one) => one.id)).size);
        expect(receipts.some((receipt) => receipt.attempts.length > 0)).toBe(true);
      },
    ),
    { numRuns: 2 },
  );
}, 120_000);
