import { readersOf } from '../../core/call.ts';
import { CadreError, toCadreError } from '../../core/errors.ts';
import type { TrainingJobBody } from '../../core/training-job.ts';
import { accessOf, admit } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { printPage } from '../files/file-routes.ts';
import { ownObject, ownPage } from '../files/own-object.ts';
import { newObjectId } from '../identifiers.ts';
import { BATCH_PAGE, countOf, queryOf } from '../query.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { eventId, printCheckpoint, printEvent, printJob, wireField } from './job-object.ts';
import { parseJob } from './job-request.ts';

/** POST /v1/fine_tuning/jobs: takes the job on; it waits for its turn. */
export function serveJobCreation(exchange: Exchange): Promise<void> {
  const { farm } = exchange.server;
  return admit(exchange, async ({ access: { caller }, body }) => {
    const lineages = await farm.specialists.list(readersOf(caller));
    const specialists = new Map(
      lineages.flatMap(({ name, versions: [newest] }) =>
        newest === undefined ? [] : [[name, newest.manifest] as const],
      ),
    );
    const bases = new Set(
      farm
        .models()
        .filter((one) => one.capabilities.includes('chat'))
        .map((one) => one.id),
    );
    const { order, wire } = parseJob(body, { specialists, bases }, () =>
      newObjectId('specialist-').slice(0, 24),
    );
    for (const [data, param] of [
      [order.data, 'training_file'],
      [order.test, 'validation_file'],
    ] as const)
      if (data?.kind === 'upload')
        await ownObject(farm.objects, { kind: 'file', id: data.file, caller }, param);
    const row = await farm.trainingJobs.create(order, caller, wire).catch((error: unknown) => {
      const { code, message, param, retryAfter } = toCadreError(error);
      const field = wireField(param, wire);
      throw new CadreError(code, message, {
        ...(field === undefined ? {} : { param: field }),
        ...(retryAfter === undefined ? {} : { retryAfter }),
        cause: error,
      });
    });
    sendJson(exchange.response, printJob(row, row.body as TrainingJobBody), exchange.id);
  });
}

/** GET /v1/fine_tuning/jobs: newest first; `limit`, `after`, `metadata[KEY]`. */
export async function serveJobList(exchange: Exchange): Promise<void> {
  const { caller } = await accessOf(exchange);
  const query = queryOf(exchange.incoming);
  const wanted = [...query].flatMap(([name, value]) => {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [{ key, value }];
  });
  const page = await ownPage(exchange.server.farm.objects, {
    kind: 'fine_tuning_job',
    caller,
    limit: countOf(query, 'limit', BATCH_PAGE),
    after: query.get('after') ?? undefined,
    oldestFirst: false,
    isWanted: (row) => {
      const metadata = Object((row.body as TrainingJobBody).wire['metadata']);
      return wanted.every(({ key, value }) => metadata[key] === value);
    },
  });
  const data = page.rows.map((row) => printJob(row, row.body as TrainingJobBody));
  sendJson(exchange.response, printPage(data, page.hasMore), exchange.id);
}

/** GET /v1/fine_tuning/jobs/:id. */
export async function serveJob(exchange: Exchange, id: string): Promise<void> {
  const row = await ownJob(exchange, id);
  sendJson(exchange.response, printJob(row, row.body as TrainingJobBody), exchange.id);
}

/** POST /v1/fine_tuning/jobs/:id/cancel, at once. */
export function serveJobCancellation(exchange: Exchange, id: string): Promise<void> {
  return change(exchange, id, 'cancel', 'cancelled');
}

/** POST /v1/fine_tuning/jobs/:id/pause. */
export function serveJobPause(exchange: Exchange, id: string): Promise<void> {
  return change(exchange, id, 'pause', 'paused');
}

/** POST /v1/fine_tuning/jobs/:id/resume. */
export function serveJobResumption(exchange: Exchange, id: string): Promise<void> {
  return change(exchange, id, 'resume', 'queued', 'running');
}

async function change(
  exchange: Exchange,
  id: string,
  act: 'cancel' | 'pause' | 'resume',
  ...wanted: readonly TrainingJobBody['status'][]
): Promise<void> {
  const row = await ownJob(exchange, id);
  const body = await exchange.server.farm.trainingJobs[act](id);
  if (body === undefined)
    throw new CadreError('object_not_found', `there is no fine-tuning job “${id}”`);
  if (!wanted.includes(body.status))
    throw new CadreError('invalid_request', `a job that is ${body.status} cannot be ${wanted[0]}`, {
      param: 'fine_tuning_job_id',
    });
  sendJson(exchange.response, printJob(row, body), exchange.id);
}

/** GET /v1/fine_tuning/jobs/:id/events: newest first; `limit`, `after`. */
export async function serveJobEvents(exchange: Exchange, id: string): Promise<void> {
  await ownJob(exchange, id);
  const query = queryOf(exchange.incoming);
  const limit = countOf(query, 'limit', BATCH_PAGE);
  const events = (await exchange.server.farm.trainingJobs.events(id)).toReversed();
  const after = query.get('after');
  const last = events.findIndex((event) => eventId(id, event.place) === after);
  if (after !== null && last < 0) throw invalidField('after', 'the id of an event of this job');
  const data = events.slice(last + 1, last + 1 + limit).map((event) => printEvent(id, event));
  const hasMore = last + 1 + limit < events.length;
  sendJson(exchange.response, printPage(data, hasMore), exchange.id);
}

/** GET /v1/fine_tuning/jobs/:id/checkpoints: the one that is kept. */
export async function serveJobCheckpoints(exchange: Exchange, id: string): Promise<void> {
  const row = await ownJob(exchange, id);
  const query = queryOf(exchange.incoming);
  countOf(query, 'limit', BATCH_PAGE);
  const { result } = row.body as TrainingJobBody;
  const events = await exchange.server.farm.trainingJobs.events(id);
  const end = events.find((event) => event.data['report'] !== undefined);
  const data =
    result === null || end === undefined || query.has('after')
      ? []
      : [printCheckpoint(id, result, end)];
  sendJson(exchange.response, printPage(data, false), exchange.id);
}

async function ownJob(exchange: Exchange, id: string) {
  const { caller } = await accessOf(exchange);
  return ownObject(exchange.server.farm.objects, { kind: 'fine_tuning_job', id, caller });
}
