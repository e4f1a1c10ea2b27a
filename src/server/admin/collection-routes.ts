import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { abortOnClose } from '../exchange.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  farmOf,
  parse,
  readBody,
} from './admin-environment.ts';
import { streamValues } from './stream.ts';

const nameSchema = z.object({
  name: z
    .string()
    .max(100)
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dot, dash and underscore'),
});
const indexSchema = z.strictObject({
  folder: z.string().min(1).max(4096),
  watch: z.boolean().default(true),
  principals: z.array(z.string().min(1).max(200)).min(1).max(100).default(['public']),
});
const searchSchema = z.strictObject({
  query: z.string().min(1).max(10_000),
  limit: z.int().min(1).max(50).default(8),
});

/** Collections of documents; a caller sees those that one of his principals may read. */
export const collectionRoutes = new Hono<AdminEnvironment>()
  .get('/collections', async (context) => context.json({ collections: await visible(context) }))
  .get('/collections/:name/documents', async (context) => {
    const name = await requireCollection(context);
    return context.json({ documents: await farmOf(context).documents(name) });
  })
  .post('/collections/:name/index', async (context) => {
    const { name } = parse(nameSchema, context.req.param());
    const request = await readBody(context, indexSchema);
    return streamValues(context, (signal) => farmOf(context).index({ name, ...request }, signal));
  })
  .post('/collections/:name/search', async (context) => {
    const collection = await requireCollection(context);
    const request = await readBody(context, searchSchema);
    const { signal } = abortOnClose(context.env.exchange);
    const { principals } = context.get('access').caller;
    return context.json(
      await farmOf(context).search({ collection, ...request, principals }, signal),
    );
  })
  .delete('/collections/:name', async (context) => {
    const name = await requireCollection(context);
    return context.json({ dropped: await farmOf(context).dropCollection(name) });
  });

function visible(context: AdminContext) {
  const { caller, isOperator } = context.get('access');
  return farmOf(context).collections(isOperator ? undefined : caller.principals);
}

async function requireCollection(context: AdminContext): Promise<string> {
  const { name } = parse(nameSchema, context.req.param());
  const names = (await visible(context)).map((row) => row.name);
  if (names.includes(name)) return name;
  const near = nearestName(name, names);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('collection_not_found', `there is no collection “${name}”${hint}`, {
    param: 'name',
  });
}
