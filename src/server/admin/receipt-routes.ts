import { Hono } from 'hono';
import { z } from 'zod';
import type { AnswerOrigin } from '../../core/answer-origin.ts';
import { type Reader, readersOf } from '../../core/call.ts';
import type { Farm } from '../../core/farm.ts';
import type { Receipt } from '../../core/receipt.ts';
import { versionName } from '../../core/specialist.ts';
import { requireReceipt } from '../own-receipt.ts';
import { type AdminContext, type AdminEnvironment, farmOf, parse } from './admin-environment.ts';

export const MOST_RECEIPTS = 500;
/** A request delegates three levels deep at most; one tree shows this many receipts. */
const MOST_LEVELS = 3;
const MOST_DESCENDANTS = 100;

const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_RECEIPTS).default(50),
  before: z.coerce.number().int().nonnegative().optional(),
  beforeId: z.string().max(200).optional(),
});

/** Receipts; a key that is no operator's sees its own only. */
export const receiptRoutes = new Hono<AdminEnvironment>()
  .get('/receipts', async (context) => {
    const { limit, before, beforeId } = parse(listSchema, context.req.query());
    const { caller, isOperator } = context.get('access');
    const receipts = await farmOf(context).receipts(
      {
        limit,
        ...(before === undefined ? {} : { before }),
        ...(beforeId === undefined ? {} : { beforeId }),
        ...(isOperator ? {} : { key: caller.key }),
      },
      caller,
    );
    return context.json({ receipts });
  })
  .get('/receipts/:id', async (context) => {
    const farm = farmOf(context);
    const receipt = await receiptOf(context);
    const { caller } = context.get('access');
    const children = await descendantsOf(farm, receipt, caller);
    const outcomes = await farm.outcomes(receipt);
    // What was asked unseen is the operator's business, not the caller's.
    const shadows = context.get('access').isOperator ? await farm.shadowsOf(receipt) : [];
    const origin = await originOf(context, receipt);
    return context.json({
      receipt,
      children,
      outcomes,
      ...(origin === undefined ? {} : { origin }),
      ...(shadows.length > 0 ? { shadows } : {}),
    });
  })
  .get('/receipts/:id/events', async (context) => {
    const { id } = await receiptOf(context);
    const { caller } = context.get('access');
    return context.json({ events: (await farmOf(context).events(id, caller)) ?? [] });
  });

/** What taught the specialist that answered, where the caller may use it. */
async function originOf(
  context: AdminContext,
  receipt: Receipt,
): Promise<AnswerOrigin | undefined> {
  const { caller, isOperator } = context.get('access');
  const version = await farmOf(context).specialists.answered(receipt, readersOf(caller));
  if (version === undefined) return undefined;
  const { stage, key, manifest } = version;
  const { kind, parent, job, madeAt, code, seed, data, taughtHash, report } = manifest;
  const isOpen = isOperator || key === caller.key;
  return {
    ...{
      specialist: versionName(manifest),
      kind,
      stage,
      parent,
      job,
      madeAt,
      code,
      seed,
      taughtHash,
    },
    rows: report.rows,
    data: isOpen ? data : { ...data, name: '' },
  };
}

/** The receipts below one, level by level. */
async function descendantsOf(farm: Farm, root: Receipt, reader: Reader): Promise<Receipt[]> {
  const found: Receipt[] = [];
  let level: readonly Receipt[] = [root];
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
    const next: Receipt[] = [];
    for (const { id, children } of level) {
      const limit = MOST_DESCENDANTS - found.length - next.length;
      if (limit <= 0 || children.length === 0) continue;
      next.push(...(await farm.receipts({ limit, parent: id }, reader)));
    }
    found.push(...next);
    level = next;
  }
  return found;
}

function receiptOf(context: AdminContext): Promise<Receipt> {
  return requireReceipt(farmOf(context), context.get('access'), context.req.param('id') ?? '');
}
