import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import type { Receipt } from '../../core/receipt.ts';
import { type AdminContext, type AdminEnvironment, farmOf, parse } from './admin-environment.ts';

const MOST = 500;
const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(50),
  before: z.coerce.number().int().nonnegative().optional(),
});

/** Receipts; a key that is no operator's sees its own only. */
export const receiptRoutes = new Hono<AdminEnvironment>()
  .get('/receipts', async (context) => {
    const { limit, before } = parse(listSchema, context.req.query());
    const { caller, isOperator } = context.get('access');
    const receipts = await farmOf(context).receipts({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(isOperator ? {} : { key: caller.key }),
    });
    return context.json({ receipts });
  })
  .get('/receipts/:id', async (context) => {
    const receipt = await requireReceipt(context);
    const children = await farmOf(context).receipts({ limit: MOST, parent: receipt.id });
    return context.json({ receipt, children });
  })
  .get('/receipts/:id/events', async (context) => {
    const { id } = await requireReceipt(context);
    return context.json({ events: (await farmOf(context).events(id)) ?? [] });
  });

async function requireReceipt(context: AdminContext): Promise<Receipt> {
  const id = context.req.param('id') ?? '';
  const receipt = await farmOf(context).receipt(id);
  const { caller, isOperator } = context.get('access');
  if (receipt !== undefined && (isOperator || receipt.key === caller.key)) return receipt;
  throw new CadreError('receipt_not_found', `there is no receipt “${id.slice(0, 64)}”`);
}
