import { listOf } from '../files/file-schema.ts';
import { BATCH_PAGE, pageQuery } from '../query.ts';
import type { RouteRow } from '../route-row.ts';
import { JOB, JOB_BODY, JOB_CHECKPOINT, JOB_EVENT, MODEL_DELETED } from './job-schema.ts';

const JOBS = '/v1/fine_tuning/jobs';

/** The training jobs' rows of the route table. */
export const FINE_TUNING_ROUTES: readonly RouteRow[] = [
  {
    method: 'DELETE',
    path: '/v1/models/:id',
    summary:
      'retire a specialist of the key’s, or one version of it; `cadre models` brings it back',
    response: MODEL_DELETED,
  },
  {
    method: 'POST',
    path: JOBS,
    summary:
      'OpenAI’s fine-tuning: makes a specialist from labelled rows of a file; jobs run one at a time',
    request: JOB_BODY,
    response: JOB,
  },
  {
    method: 'GET',
    path: JOBS,
    summary: 'the key’s jobs, newest first; `limit`, `after`, `metadata[KEY]`',
    query: pageQuery(BATCH_PAGE),
    response: listOf(JOB),
  },
  { method: 'GET', path: `${JOBS}/:id`, summary: 'one job', response: JOB },
  { method: 'POST', path: `${JOBS}/:id/cancel`, summary: 'stop a job at once', response: JOB },
  {
    method: 'POST',
    path: `${JOBS}/:id/pause`,
    summary: 'let others go first; the job begins again when it is resumed',
    response: JOB,
  },
  { method: 'POST', path: `${JOBS}/:id/resume`, summary: 'put it back in line', response: JOB },
  {
    method: 'GET',
    path: `${JOBS}/:id/events`,
    summary: 'the job’s story, newest first; `limit`, `after`',
    query: pageQuery(BATCH_PAGE),
    response: listOf(JOB_EVENT),
  },
  {
    method: 'GET',
    path: `${JOBS}/:id/checkpoints`,
    summary: 'the model that was kept, with its figures',
    query: pageQuery(BATCH_PAGE),
    response: listOf(JOB_CHECKPOINT),
  },
];
