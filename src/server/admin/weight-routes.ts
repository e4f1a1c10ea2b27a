import { Hono } from 'hono';
import { z } from 'zod';
import { readersOf } from '../../core/call.ts';
import { weightWishSchema } from '../../core/collection-weight.ts';
import { type AdminEnvironment, admitWork, farmOf, parse, readBody } from './admin-environment.ts';
import { requireCollection } from './collection-routes.ts';
import { shownWarnings } from './shown-document.ts';

/** Thousands of judged queries are embedded and ranked. */
const FIT_MS = 600_000;

export const openedSchema = z.strictObject({
  search: z.string().min(1).max(100).describe('`id` of the search.'),
  chunk: z.string().min(1).max(200).describe('`chunkId` of the passage that was opened.'),
});

/** What the ranking of a collection is fitted to, and the fit. */
export const weightRoutes = new Hono<AdminEnvironment>()
  .post('/collections/:name/fit', (context) =>
    admitWork(
      context,
      async ({ body, signal }) => {
        const name = await requireCollection(context);
        const wish = parse(weightWishSchema, body);
        const farm = farmOf(context);
        const { caller } = context.get('access');
        // Before the fit: what was missing as it began is missing from what it learnt.
        const warnings = shownWarnings(farm.warnings(name, readersOf(caller)));
        return context.json({ fit: await farm.fitWeight(name, wish, signal), warnings });
      },
      FIT_MS,
    ),
  )
  .post('/collections/:name/opened', async (context) => {
    const collection = await requireCollection(context);
    const opening = { collection, ...(await readBody(context, openedSchema)) };
    const { caller } = context.get('access');
    return context.json({ isNoted: await farmOf(context).noteOpening(opening, caller) });
  });
