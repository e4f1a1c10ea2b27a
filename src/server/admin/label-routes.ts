import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  admitWork,
  farmOf,
  parse,
  readBody,
  requireOperator,
} from './admin-environment.ts';

const QUEUE_MOST = 200;
const LIST_MOST = 500;
const QUEUE_MS = 200_000;
const wordSchema = z.string().min(1).max(200);
const scope = { name: wordSchema.optional(), capability: wordSchema.optional() };
const labelSchema = z.string().min(1).max(64);
const listSchema = z.strictObject({
  ...scope,
  limit: z.coerce.number().int().min(1).max(LIST_MOST).default(50),
  after: wordSchema.optional(),
});
const takenSchema = z.strictObject({ ...scope, row: wordSchema });
export const queueSchema = z.strictObject({
  ...scope,
  labels: z
    .array(labelSchema)
    .min(2)
    .max(2000)
    .nullable()
    .default(null)
    .describe('Answers that are none of these propose nothing.'),
  limit: z.int().min(1).max(QUEUE_MOST).default(50),
});
export const givenSchema = z.strictObject({
  ...scope,
  row: wordSchema.describe('Id of the receipt.'),
  label: labelSchema,
  isNew: z.boolean().optional().describe('Also where the specialist has no such label yet.'),
});

/** Labels that people give kept requests; their texts are the operators’ to read. */
export const labelRoutes = new Hono<AdminEnvironment>()
  .post('/label-queue', (context) =>
    admitWork(
      context,
      async ({ body, signal }) => {
        const wish = parse(queueSchema, body);
        return context.json({ queue: await farmOf(context).labels.queue(wish, signal) });
      },
      QUEUE_MS,
    ),
  )
  .get('/labels', async (context) => {
    requireOperator(context);
    const wish = parse(listSchema, context.req.query());
    return context.json({ labels: await farmOf(context).labels.list(wish) });
  })
  .post('/labels', async (context) => {
    const wish = await readBody(context, givenSchema);
    const label = await farmOf(context).labels.give({ ...wish, key: callerOf(context) });
    return context.json({ label });
  })
  .delete('/labels', async (context) => {
    const { row, ...wish } = parse(takenSchema, context.req.query());
    if (!(await farmOf(context).labels.takeBack({ ...wish, row })))
      throw new CadreError('object_not_found', `nobody labelled “${row.slice(0, 100)}”`);
    return context.json({ row });
  });

function callerOf(context: AdminContext): string {
  return context.get('access').caller.key;
}
