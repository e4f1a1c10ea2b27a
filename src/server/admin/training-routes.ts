import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow } from '../../core/objects.ts';
import { isOverJob, type TrainingJobBody, type TrainingStanding } from '../../core/training-job.ts';
import { findObject } from '../files/own-object.ts';
import { type AdminContext, type AdminEnvironment, farmOf, parse } from './admin-environment.ts';

const listSchema = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });

/** How training jobs stand; a key that is no operator’s sees its own only. */
export const trainingRoutes = new Hono<AdminEnvironment>()
  .get('/training-jobs', async (context) => {
    const { limit } = parse(listSchema, context.req.query());
    const { caller, isOperator } = context.get('access');
    const rows = await farmOf(context).objects.doListObjects({
      kind: 'fine_tuning_job',
      limit,
      ...(isOperator ? {} : { key: caller.key }),
    });
    const jobs = await Promise.all(rows.map((row) => standingOf(context, row)));
    return context.json({ jobs });
  })
  .post('/training-jobs/:id/cancel', async (context) => {
    const id = context.req.param('id');
    const farm = farmOf(context);
    const row = await findObject(farm.objects, 'fine_tuning_job', id);
    const body = row && (await farm.trainingJobs.cancel(row.id));
    if (row === undefined || body === undefined)
      throw new CadreError('object_not_found', `there is no training job “${id.slice(0, 100)}”`);
    if (body.status !== 'cancelled')
      throw new CadreError('conflict', `the job is ${body.status}; there is nothing to cancel`);
    return context.json({ job: await standingOf(context, { ...row, body }) });
  });

async function standingOf(context: AdminContext, row: ObjectRow): Promise<TrainingStanding> {
  const body = row.body as TrainingJobBody;
  const { status, times, error, result, rows, order } = body;
  const events = isOverJob(body) ? [] : await farmOf(context).trainingJobs.events(row.id);
  const last = events.at(-1);
  return {
    id: row.id,
    key: row.key,
    createdAt: row.createdAt,
    name: order.name,
    kind: order.kind,
    status,
    times,
    error,
    result,
    rows,
    ...(last === undefined ? {} : { last }),
  };
}
