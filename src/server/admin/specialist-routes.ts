import { isAbsolute } from 'node:path';
import { Hono } from 'hono';
import { z } from 'zod';
import { readersOf } from '../../core/call.ts';
import { OWN_TRAINER } from '../../core/config-trainer.ts';
import { CadreError } from '../../core/errors.ts';
import { SPECIALIST_KINDS, type SpecialistLineage } from '../../core/specialist.ts';
import type { TrainingData, TrainingEvent } from '../../core/training-job.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  farmOf,
  parse,
  readBody,
} from './admin-environment.ts';
import { streamValues } from './stream.ts';

const pathSchema = z.string().min(1).max(4096);
export const trainingSchema = z.strictObject({
  kind: z.enum(SPECIALIST_KINDS).default('intents'),
  name: z.string().min(1).max(200),
  data: pathSchema
    .optional()
    .describe('Absolute path of a CSV or JSON lines file of labelled rows.'),
  traffic: z
    .strictObject({
      capability: z.string().min(1).max(200),
      labels: z.array(z.string().min(1).max(64)).min(2).max(2000).nullable().default(null),
    })
    .optional()
    .describe('In the place of `data`: requests to this name or of this task whose text was kept.'),
  described: z
    .strictObject({
      text: z.string().min(1).max(2000),
      model: z.string().min(1).max(400),
      confirmed: z.int().min(0),
    })
    .optional()
    .describe('`data` are rows that a model wrote by this description (see described-rows).'),
  test: pathSchema.optional().describe('Rows to measure on alone; absent = held-out rows.'),
  target: z.number().gt(0).max(1).optional().describe('Accuracy at which the ladder stops.'),
  tolerance: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Of a score: how far off a number counts as right; absent = half a step of the scale, or a tenth of its range.',
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  base: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Of an adapter: the local model, or a spoke that it answers.'),
  trainer: z
    .string()
    .min(1)
    .max(200)
    .default(OWN_TRAINER)
    .describe('Of an adapter: what makes it.'),
  install: z
    .boolean()
    .default(false)
    .describe('Of an adapter: the farm may fetch what the trainer runs on.'),
  promote: z.boolean().default(false).describe('Where it passes beside the live version.'),
  alone: z
    .boolean()
    .default(false)
    .describe('Do not ask the largest local model the same rows, which takes up to 90 seconds.'),
});
export const moveSchema = z.strictObject({ reason: z.string().max(500).optional() });
export const versionSchema = moveSchema.extend({ version: z.int().min(1).optional() });
export const promotionSchema = versionSchema.extend({
  force: z.boolean().optional().describe('Also where it did not pass beside the live version.'),
  canary: z
    .boolean()
    .optional()
    .describe('Let it answer 5 % of the requests first; callers’ grades decide.'),
  shadow: z
    .boolean()
    .optional()
    .describe('Let it answer, unseen, what the live version has answered; nothing is decided.'),
});
const nameSchema = z.object({ name: z.string().max(200) });

/** What the farm learnt by itself; who may change the farm may train and promote. */
export const specialistRoutes = new Hono<AdminEnvironment>()
  .get('/specialists', async (context) =>
    context.json({
      specialists: (await farmOf(context).specialists.list(readers(context))).map(shown(context)),
    }),
  )
  .post('/specialists', async (context) => {
    const {
      data,
      traffic,
      described,
      test,
      target,
      tolerance,
      base,
      trainer,
      install,
      alone,
      ...wish
    } = await readBody(context, trainingSchema);
    const order = {
      ...wish,
      data: dataOf(data, traffic),
      ...(described && { described }),
      test: test === undefined ? null : fileOf(test, 'test'),
      target: target ?? null,
      ...(tolerance === undefined ? {} : { tolerance }),
      ...(alone ? { isAlone: true as const } : {}),
      ...(base === undefined ? {} : { adapter: { base, trainer, mayInstall: install } }),
    };
    return streamValues(context, (signal) => trainingStory(context, order, signal));
  })
  .get('/specialists/:name', async (context) =>
    context.json({
      specialist: shown(context)(
        await farmOf(context).specialists.lineage(nameOf(context), readers(context)),
      ),
    }),
  )
  .post('/specialists/:name/promote', async (context) => {
    const wish = await readBody(context, promotionSchema);
    return answer(context, await farmOf(context).specialists.promote(moveOf(context, wish)));
  })
  .post('/specialists/:name/rollback', async (context) => {
    const wish = await readBody(context, moveSchema);
    return answer(context, await farmOf(context).specialists.rollback(moveOf(context, wish)));
  })
  .post('/specialists/:name/retire', async (context) => {
    const wish = await readBody(context, versionSchema);
    return answer(context, await farmOf(context).specialists.retire(moveOf(context, wish)));
  });

type Order = Parameters<ReturnType<typeof farmOf>['trainingJobs']['create']>[0];

/** A job and its events; a reader who leaves before its end cancels it. */
async function* trainingStory(
  context: AdminContext,
  order: Order,
  signal: AbortSignal,
): AsyncGenerator<TrainingEvent> {
  const { trainingJobs, objects } = farmOf(context);
  const { id } = await trainingJobs.create(order, context.get('access').caller, {});
  let isOver = false;
  try {
    yield* trainingJobs.follow(id, signal);
    isOver = !signal.aborted;
  } finally {
    const isStopping = context.env.exchange.server.closing.aborted;
    if (!isOver && !isStopping) await trainingJobs.cancel(id);
  }
  const row = await objects.doGetObject('fine_tuning_job', id);
  const error = row?.body['error'];
  if (typeof error === 'object' && error !== null && 'message' in error) throw errorOf(error);
  if (row?.body['status'] === 'cancelled')
    throw new CadreError(
      'conflict',
      `the job ${id} was cancelled by somebody else; nothing was made`,
    );
}

function errorOf(error: object): CadreError {
  const { code, message, param } = error as {
    code: CadreError['code'];
    message: string;
    param: string | null;
  };
  return new CadreError(code, message, param === null ? {} : { param });
}

function dataOf(
  path: string | undefined,
  traffic: z.infer<typeof trainingSchema>['traffic'],
): TrainingData {
  if (path !== undefined && traffic === undefined) return fileOf(path, 'data');
  if (path === undefined && traffic !== undefined) return { kind: 'traffic', ...traffic };
  throw new CadreError('invalid_request', 'name either data or traffic to learn from', {
    param: 'data',
  });
}

function fileOf(path: string, param: string): TrainingData {
  if (isAbsolute(path)) return { kind: 'path', path };
  throw new CadreError('invalid_request', `${param} must be an absolute path`, { param });
}

function readers(context: AdminContext): readonly string[] | undefined {
  return readersOf(context.get('access').caller);
}

function nameOf(context: AdminContext): string {
  return parse(nameSchema, context.req.param()).name;
}

function moveOf<T extends object>(context: AdminContext, wish: T) {
  return { ...wish, name: nameOf(context), caller: context.get('access').caller };
}

function answer(context: AdminContext, lineage: SpecialistLineage): Response {
  return context.json({ specialist: shown(context)(lineage) });
}

/** Texts of rows stand in the reports, and names of files: they are the operator’s and the maker’s. */
function shown(context: AdminContext): (lineage: SpecialistLineage) => SpecialistLineage {
  const { caller, isOperator } = context.get('access');
  return (lineage) => ({
    ...lineage,
    versions: lineage.versions.map((version) => {
      if (isOperator || version.key === caller.key) return version;
      const { manifest } = version;
      const leftOut = manifest.report.leftOut.map((one) => ({ ...one, samples: [] }));
      const report = { ...manifest.report, leftOut, warnings: [] };
      return {
        ...version,
        manifest: { ...manifest, report, data: { ...manifest.data, name: '' } },
      };
    }),
  });
}
