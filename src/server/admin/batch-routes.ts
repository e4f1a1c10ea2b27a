import { Hono } from 'hono';
import { z } from 'zod';
import type { BatchBody, BatchProblem } from '../../core/batch.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow } from '../../core/objects.ts';
import { printBatch } from '../batches/batch-object.ts';
import { findObject } from '../files/own-object.ts';
import { type AdminContext, type AdminEnvironment, farmOf, parse } from './admin-environment.ts';

const listSchema = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });

/**
 * How batches stand; a key that is no operator's sees its own only. What they ask and answer is in
 * files, which the operator gets of no other key.
 */
export const batchRoutes = new Hono<AdminEnvironment>()
  .get('/batches', async (context) => {
    const { limit } = parse(listSchema, context.req.query());
    const { caller, isOperator } = context.get('access');
    const rows = await farmOf(context).objects.doListObjects({
      kind: 'batch',
      limit,
      ...(isOperator ? {} : { key: caller.key }),
    });
    return context.json({ batches: rows.map((row) => printStanding(row)) });
  })
  .get('/batches/:id', async (context) => {
    return context.json({ batch: printStanding(await requireBatch(context)) });
  })
  .post('/batches/:id/cancel', async (context) => {
    const row = await requireBatch(context);
    const body = await farmOf(context).batches.cancel(row.id);
    return context.json({ batch: printStanding(row, body) });
  });

async function requireBatch(context: AdminContext): Promise<ObjectRow> {
  const id = context.req.param('id') ?? '';
  const row = await findObject(farmOf(context).objects, 'batch', id);
  const { caller, isOperator } = context.get('access');
  if (row !== undefined && (isOperator || row.key === caller.key)) return row;
  throw new CadreError('object_not_found', `there is no batch “${id.slice(0, 100)}”`);
}

/** Without the words of its owner, which stand in messages too. */
function printStanding(row: ObjectRow, body = row.body as BatchBody) {
  const problems = body.problems.map((one) => ({ ...one, message: nameOf(one) }));
  return { ...printBatch(row, { ...body, problems, metadata: null }), key: row.key };
}

function nameOf({ code, line }: BatchProblem): string {
  return `${code.replaceAll('_', ' ')}${line === null ? '' : ` in line ${line}`}`;
}
