import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import type { KeyRow } from '../../core/stores.ts';
import { isId } from '../identifiers.ts';
import { type AdminEnvironment, farmOf, readBody, requireOperator } from './admin-environment.ts';

export const keySchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line without control characters'),
  principals: z.array(z.string().min(1).max(200)).min(1).max(100).default(['public']),
  keepsText: z.boolean().default(false),
  budgetDaily: z.number().nonnegative().optional(),
  rateLimit: z.int().positive().optional(),
  tokenLimit: z.int().positive().optional(),
});

/** API keys; the secret is shown once, the hash never. */
export const keyRoutes = new Hono<AdminEnvironment>()
  .get('/keys', async (context) => {
    requireOperator(context);
    const keys = await farmOf(context).listKeys();
    return context.json({ keys: keys.map(withoutHash) });
  })
  .post('/keys', async (context) => {
    const { budgetDaily, rateLimit, tokenLimit, ...request } = await readBody(context, keySchema);
    const { row, secret } = await farmOf(context).addKey({
      ...request,
      ...(budgetDaily === undefined ? {} : { budgetDaily }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
      ...(tokenLimit === undefined ? {} : { tokenLimit }),
    });
    return context.json({ key: withoutHash(row), secret });
  })
  .delete('/keys/:id', async (context) => {
    const id = context.req.param('id');
    if (isId(id) && (await farmOf(context).revokeKey(id))) return context.json({ revoked: true });
    throw new CadreError('not_found', `there is no live key “${id.slice(0, 64)}”`);
  });

function withoutHash({ hash: _hash, ...row }: KeyRow): Omit<KeyRow, 'hash'> {
  return row;
}
