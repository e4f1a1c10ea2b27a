import { Hono } from 'hono';
import { z } from 'zod';
import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { MOST_QUALITY_ROWS, QUANTISATIONS } from '../../core/quantisation.ts';
import { MODEL_SERVER_KINDS } from '../../core/vendors.ts';
import { abortOnClose } from '../exchange.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  farmOf,
  parse,
  readBody,
  requireOperator,
} from './admin-environment.ts';
import { streamValues } from './stream.ts';
import { printModels } from './visible-parts.ts';

const nameSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'is small letters, digits, `.`, `_` and `-`')
  .optional();

export const importSchema = z.strictObject({
  file: z.string().min(1).max(4096).describe('Absolute path of a GGUF file on the farm’s machine.'),
  id: nameSchema.describe('Its name; absent = of the file.'),
});
const sourceShape = {
  adapter: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Absolute path of a LoRA adapter on the farm’s machine, which is written in.'),
  name: nameSchema.describe('What the forms are named after; absent = the model or the spoke.'),
};
const sourceSchema = z.strictObject(sourceShape);
export const quantiseSchema = z.strictObject({
  format: z.enum(QUANTISATIONS),
  ...sourceShape,
  rows: z
    .array(
      z.strictObject({
        question: z.string().min(1).max(20_000),
        gold: z.array(z.string().min(1)).min(1),
      }),
    )
    .max(MOST_QUALITY_ROWS)
    .default([])
    .describe('Questions with the answers that are right; both models are measured with them.'),
});

/** The models of the catalogue and their files, and those of servers that hold their own. */
export const modelRoutes = new Hono<AdminEnvironment>()
  .get('/models', (context) =>
    context.json({ models: printModels(farmOf(context).models(), context.get('access')) }),
  )
  .post('/models', async (context) => {
    const wish = await readBody(context, importSchema);
    return streamValues(context, (signal) => farmOf(context).importModel(wish, signal));
  })
  .get('/browser-spoke', () => {
    throw new CadreError('invalid_request', 'this path is for web sockets: ask for an upgrade');
  })
  .get('/servers', async (context) => {
    requireOperator(context);
    const { signal } = abortOnClose(context.env.exchange);
    return context.json({ servers: await farmOf(context).servers({ signal }) });
  })
  .post('/models/:id/pull', (context) => {
    const id = requireOwnModel(context);
    return streamValues(context, (signal) => farmOf(context).pull(id, signal));
  })
  .get('/models/:id/quantisations', async (context) => {
    const source = parse(sourceSchema, context.req.query());
    const id = requireSource(context, source.adapter);
    return context.json({ plan: await farmOf(context).planQuantisation({ id, ...source }) });
  })
  .post('/models/:id/quantise', async (context) => {
    const wish = await readBody(context, quantiseSchema);
    const id = requireSource(context, wish.adapter);
    return streamValues(context, (signal) => farmOf(context).quantise({ id, ...wish }, signal));
  })
  .post('/models/:id/unload', async (context) => {
    const id = requireModel(context);
    return context.json({ unloaded: await farmOf(context).unload(id) });
  })
  .post('/models/:id/load', (context) => load(context, false))
  .post('/models/:id/pin', (context) => load(context, true))
  .post('/models/:id/unpin', (context) => {
    const id = requireModel(context);
    return context.json({ unpinned: farmOf(context).unpin(id) });
  });

/** Longer than the slowest load that is waited for. */
const LOAD_MS = 300_000;

async function load(context: AdminContext, pin: boolean): Promise<Response> {
  const id = requireModel(context);
  const farm = farmOf(context);
  const entry = farm.models().find((one) => one.id === id);
  if (entry?.capabilities.includes('embed'))
    throw new CadreError('invalid_request', `“${id}” is loaded by the first text that it embeds`, {
      param: 'id',
    });
  // Who leaves waits no more; a load that has begun goes on.
  const { signal } = abortOnClose(context.env.exchange);
  await farm.load(id, { pin, signal: AbortSignal.any([signal, AbortSignal.timeout(LOAD_MS)]) });
  return context.json({ loaded: true, pinned: pin });
}

/** A model of the catalogue, or `DESTINATION/MODEL` of a server that knows best what it has. */
function requireModel(context: AdminContext): string {
  const id = context.req.param('id') ?? '';
  const { destinations } = farmOf(context).config;
  const isThere = destinations.some((one) => holdsModels(one) && id.startsWith(`${one.id}/`));
  return isThere ? id : requireOwnModel(context);
}

/** A model of the catalogue; for operators also one with an adapter, or a spoke that has one. */
function requireSource(context: AdminContext, adapter: string | undefined): string {
  const id = context.req.param('id') ?? '';
  const isSpoke = farmOf(context)
    .spokes()
    .some((spoke) => spoke.id === id && spoke.adapter !== undefined);
  if (adapter !== undefined || isSpoke) requireOperator(context);
  return isSpoke ? id : requireOwnModel(context);
}

function holdsModels({ kind }: DestinationConfig): boolean {
  return MODEL_SERVER_KINDS.some((one) => one === kind);
}

function requireOwnModel(context: AdminContext): string {
  const id = context.req.param('id') ?? '';
  const ids = farmOf(context)
    .models()
    .map((model) => model.id);
  if (ids.includes(id)) return id;
  const spoke = farmOf(context)
    .spokes()
    .find((one) => one.id === id);
  if (spoke !== undefined && ids.includes(spoke.model))
    throw new CadreError(
      'model_not_found',
      `“${id}” is a spoke; name its model, “${spoke.model}”`,
      { param: 'id' },
    );
  const near = id.length > 200 ? undefined : nearestName(id, ids);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('model_not_found', `the catalogue has no “${id.slice(0, 200)}”${hint}`, {
    param: 'id',
  });
}
