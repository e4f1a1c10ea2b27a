import { Hono } from 'hono';
import { CadreError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { type AdminContext, type AdminEnvironment, farmOf } from './admin-environment.ts';
import { streamValues } from './stream.ts';
import { printModels } from './visible-parts.ts';

/** The models of the catalogue and their files. */
export const modelRoutes = new Hono<AdminEnvironment>()
  .get('/models', (context) =>
    context.json({ models: printModels(farmOf(context).models(), context.get('access')) }),
  )
  .post('/models/:id/pull', (context) => {
    const id = requireModel(context);
    return streamValues(context, (signal) => farmOf(context).pull(id, signal));
  })
  .post('/models/:id/unload', async (context) => {
    const id = requireModel(context);
    return context.json({ unloaded: await farmOf(context).unload(id) });
  });

function requireModel(context: AdminContext): string {
  const id = context.req.param('id') ?? '';
  const ids = farmOf(context)
    .models()
    .map((model) => model.id);
  if (ids.includes(id)) return id;
  const near = id.length > 200 ? undefined : nearestName(id, ids);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('model_not_found', `the catalogue has no “${id.slice(0, 200)}”${hint}`, {
    param: 'id',
  });
}
