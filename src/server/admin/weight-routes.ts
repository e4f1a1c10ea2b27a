import { Hono } from 'hono';
import { z } from 'zod';
import { weightWishSchema } from '../../core/collection-weight.ts';
import { type AdminEnvironment, admitWork, farmOf, parse, readBody } from './admin-environment.ts';
import { requireCollection } from './collection-routes.ts';

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
        return context.json({ fit: await farmOf(context).fitWeight(name, wish, signal) });
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
