import { Hono } from 'hono';
import { z } from 'zod';
import { type AdminEnvironment, farmOf, readBody, requireOperator } from './admin-environment.ts';

export const gateChoiceSchema = z.strictObject({ version: z.int().min(0).max(999_999_999) });

/** The fitted gates: which there are, which one decides. */
export const gateRoutes = new Hono<AdminEnvironment>()
  .get('/gate', (context) => {
    requireOperator(context);
    return context.json({ gate: farmOf(context).gate() });
  })
  .post('/gate/choose', async (context) => {
    const { version } = await readBody(context, gateChoiceSchema);
    return context.json({ gate: farmOf(context).chooseGate(version) });
  })
  .post('/gate/rollback', (context) => context.json({ gate: farmOf(context).rollbackGate() }));
