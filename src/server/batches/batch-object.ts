import type { IncomingHttpHeaders } from 'node:http';
import type { BatchBody } from '../../core/batch.ts';
import type { JsonObject } from '../../core/chat.ts';
import type { ObjectRow } from '../../core/objects.ts';
import { parseMetadata } from '../metadata.ts';
import { invalidField, optionalNumber, optionalObject, requiredText } from '../wire-fields.ts';
import { BATCH_ENDPOINTS } from './batch-endpoints.ts';

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
/** How long a batch and, unless it says otherwise, its result files stay. */
export const BATCH_DAYS = 30;
/** Those of a request that every line of the batch takes over. */
const HEADERS = ['x-cadre-label', 'x-cadre-session', 'x-cadre-collection'] as const;

const TIMES = [
  'in_progress',
  'finalizing',
  'completed',
  'failed',
  'expired',
  'cancelling',
  'cancelled',
] as const;

/** The body of POST /v1/batches as a batch that waits. */
export function parseBatch(body: JsonObject, headers: IncomingHttpHeaders, now: number): BatchBody {
  const endpoint = requiredText(body, 'endpoint');
  if (!BATCH_ENDPOINTS.includes(endpoint))
    throw invalidField('endpoint', `one of ${BATCH_ENDPOINTS.join(', ')}`);
  const window = requiredText(body, 'completion_window');
  return {
    endpoint,
    inputFile: requiredText(body, 'input_file_id'),
    window,
    deadline: now + windowMs(window),
    status: 'validating',
    counts: { total: 0, completed: 0, failed: 0 },
    problems: [],
    times: {},
    outputFile: null,
    errorFile: null,
    outputSeconds: outputSeconds(body),
    headers: keptHeaders(headers),
    metadata: parseMetadata(body) ?? null,
    lease: null,
    ending: null,
  };
}

/** OpenAI knows `24h`; any number of hours or days up to 30 days is understood. */
function windowMs(window: string): number {
  const [, count = '0', unit] = /^([1-9]\d{0,2})([hd])$/.exec(window) ?? [];
  const ms = Number(count) * HOUR_MS * (unit === 'd' ? 24 : 1);
  if (ms > 0 && ms <= BATCH_DAYS * 24 * HOUR_MS) return ms;
  throw invalidField('completion_window', '`24h`, or other hours or days up to `30d`');
}

function outputSeconds(body: JsonObject): number {
  const wish = optionalObject(body, 'output_expires_after');
  if (wish === undefined) return BATCH_DAYS * DAY_SECONDS;
  if (wish['anchor'] !== 'created_at')
    throw invalidField('output_expires_after.anchor', '`created_at`');
  const range = { min: 3600, max: BATCH_DAYS * DAY_SECONDS, integer: true };
  const seconds = optionalNumber(wish, 'seconds', range, 'output_expires_after.seconds');
  if (seconds !== undefined) return seconds;
  throw invalidField('output_expires_after.seconds', 'a whole number');
}

function keptHeaders(headers: IncomingHttpHeaders): BatchBody['headers'] {
  const kept = HEADERS.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept);
}

/** OpenAI's batch object. */
export function printBatch({ id, createdAt }: ObjectRow, body: BatchBody): JsonObject {
  const times = TIMES.map((status) => [`${status}_at`, secondsOf(body.times[status])] as const);
  return {
    id,
    object: 'batch',
    endpoint: body.endpoint,
    errors:
      body.problems.length === 0
        ? null
        : { object: 'list', data: body.problems.map((one) => ({ ...one, param: null })) },
    input_file_id: body.inputFile,
    completion_window: body.window,
    status: body.status,
    output_file_id: body.outputFile,
    error_file_id: body.errorFile,
    created_at: Math.floor(createdAt / 1000),
    expires_at: Math.floor(body.deadline / 1000),
    ...Object.fromEntries(times),
    request_counts: body.counts,
    metadata: body.metadata,
  };
}

function secondsOf(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000);
}
