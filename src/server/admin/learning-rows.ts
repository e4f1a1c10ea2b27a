import type { RouteRow } from '../route-row.ts';
import { descriptionSchema } from './description-routes.ts';
import { givenSchema, queueSchema } from './label-routes.ts';
import { moveSchema, promotionSchema, trainingSchema, versionSchema } from './specialist-routes.ts';

/** What makes specialists, and what people say that they learn from; below `/cadre/v1`. */
export const LEARNING_ROUTES: readonly RouteRow[] = [
  {
    method: 'GET',
    path: '/specialists',
    summary: 'specialists that the farm made, with all their versions',
  },
  {
    method: 'POST',
    path: '/specialists',
    summary:
      'train one from a file of this machine or from kept traffic; its story as server-sent events, the last one with `report`; who leaves cancels it',
    request: trainingSchema,
    streams: 'text/event-stream',
  },
  {
    method: 'GET',
    path: '/specialists/:name',
    summary: 'versions, parents, data, figures, and who moved what when and why',
  },
  {
    method: 'POST',
    path: '/specialists/:name/promote',
    summary:
      'put a version, the newest candidate where none is named, in the place of the live one',
    request: promotionSchema,
  },
  {
    method: 'POST',
    path: '/specialists/:name/rollback',
    summary: 'go back to the version that was live before',
    request: moveSchema,
  },
  {
    method: 'POST',
    path: '/specialists/:name/retire',
    summary: 'take a version, or the whole name, out of service',
    request: versionSchema,
  },
  {
    method: 'GET',
    path: '/training-jobs',
    summary: 'how training jobs stand, newest first; `limit`',
  },
  { method: 'POST', path: '/training-jobs/:id/cancel', summary: 'stop one' },
  {
    method: 'POST',
    path: '/described-rows',
    summary:
      'rows that a local spoke writes by a description, those that pass, as server-sent events; who leaves ends it',
    request: descriptionSchema,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/label-queue',
    summary: 'kept requests whose label a person should say, the most useful first; for operators',
    request: queueSchema,
  },
  {
    method: 'GET',
    path: '/labels',
    summary: 'labels that people gave, newest first; `name` or `capability`, `limit`, `after`',
  },
  {
    method: 'POST',
    path: '/labels',
    summary: 'give a kept request its label, which outranks all else that is said of it',
    request: givenSchema,
  },
  {
    method: 'DELETE',
    path: '/labels',
    summary: 'take one back; `row`, and `name` or `capability`',
  },
];
