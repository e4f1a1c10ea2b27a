import type { Route } from '../router.ts';
import {
  serveJob,
  serveJobCancellation,
  serveJobCheckpoints,
  serveJobCreation,
  serveJobEvents,
  serveJobList,
  serveJobPause,
  serveJobResumption,
} from './job-routes.ts';

/** Who serves which path of the training jobs. */
export const FINE_TUNING_PATHS: readonly Route[] = [
  { method: 'POST', path: '/v1/fine_tuning/jobs', serve: serveJobCreation },
  { method: 'GET', path: '/v1/fine_tuning/jobs', serve: serveJobList },
  { method: 'GET', path: '/v1/fine_tuning/jobs/:id', serve: serveJob },
  { method: 'POST', path: '/v1/fine_tuning/jobs/:id/cancel', serve: serveJobCancellation },
  { method: 'POST', path: '/v1/fine_tuning/jobs/:id/pause', serve: serveJobPause },
  { method: 'POST', path: '/v1/fine_tuning/jobs/:id/resume', serve: serveJobResumption },
  { method: 'GET', path: '/v1/fine_tuning/jobs/:id/events', serve: serveJobEvents },
  { method: 'GET', path: '/v1/fine_tuning/jobs/:id/checkpoints', serve: serveJobCheckpoints },
];
