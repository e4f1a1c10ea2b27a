import { Hono } from 'hono';
import { z } from 'zod';
import { collectionChangeSchema, documentChangeSchema } from '../../core/collection-settings.ts';
import { CadreError } from '../../core/errors.ts';
import { type AdminEnvironment, farmOf, parse, readBody } from './admin-environment.ts';

const collectionSchema = z.object({ name: z.string().max(100) });
const documentSchema = z.object({ name: z.string().max(100), id: z.string().max(200) });

/** Who may read what; operators alone, in force at the next request. */
export const accessRoutes = new Hono<AdminEnvironment>()
  .patch('/collections/:name', async (context) => {
    const { name } = parse(collectionSchema, context.req.param());
    const change = await readBody(context, collectionChangeSchema);
    const farm = farmOf(context);
    if (farm.config.collections.some((one) => one.name === name))
      throw new CadreError(
        'conflict',
        `the collection “${name}” is described in the configuration; change it there, it is in force as soon as the file is saved`,
        { param: 'name' },
      );
    const collection = await farm.changeCollection(name, change);
    if (collection === undefined)
      throw new CadreError('collection_not_found', `there is no collection “${name}”`, {
        param: 'name',
      });
    return context.json({ collection });
  })
  .patch('/collections/:name/documents/:id', async (context) => {
    const { name, id } = parse(documentSchema, context.req.param());
    const saying = await readBody(context, documentChangeSchema);
    const document = await farmOf(context).sayOfDocument(name, id, saying);
    if (document === undefined)
      throw new CadreError(
        'not_found',
        `there is no document “${id}” in the collection “${name}”`,
        {
          param: 'id',
        },
      );
    return context.json({ document });
  });
