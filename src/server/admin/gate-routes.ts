import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import { shadowWishSchema } from '../../core/shadow.ts';
import {
  type AdminEnvironment,
  farmOf,
  parse,
  readBody,
  requireOperator,
} from './admin-environment.ts';

export const gateChoiceSchema = z.strictObject({ version: z.int().min(0).max(999_999_999) });
const VERSION = /^[1-9]\d{0,8}$/;

/** Opened as a page of its own, the picture may run, fetch and frame nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** The page after a receipt, or the first one. */
const rowsSchema = z.union([
  z.strictObject({ before: z.coerce.number().int().nonnegative(), beforeId: z.string().max(200) }),
  z.strictObject({}).transform(() => undefined),
]);

/** The fitted gates: which there are, which one decides. */
export const gateRoutes = new Hono<AdminEnvironment>()
  .get('/gate', (context) => {
    requireOperator(context);
    return context.json({ gate: farmOf(context).gate() });
  })
  .get('/gate/:version/curve.svg', (context) => {
    requireOperator(context);
    const version = context.req.param('version');
    if (!VERSION.test(version))
      throw new CadreError('gate_not_found', 'the number of a gate is a whole number from 1');
    return context.body(farmOf(context).gateCurve(Number(version)), 200, {
      'content-type': 'image/svg+xml',
      'content-security-policy': PICTURE_POLICY,
    });
  })
  .get('/gate/rows', async (context) => {
    requireOperator(context);
    const after = parse(rowsSchema, context.req.query());
    return context.json(await farmOf(context).gradedRequests(after));
  })
  .get('/gate/shadow', async (context) => {
    requireOperator(context);
    return context.json({ shadow: await farmOf(context).shadow() });
  })
  .post('/gate/shadow', async (context) => {
    const wish = await readBody(context, shadowWishSchema);
    return context.json({ shadow: await farmOf(context).changeShadow(wish) });
  })
  .post('/gate/choose', async (context) => {
    const { version } = await readBody(context, gateChoiceSchema);
    return context.json({ gate: farmOf(context).chooseGate(version) });
  })
  .post('/gate/rollback', (context) => context.json({ gate: farmOf(context).rollbackGate() }));
