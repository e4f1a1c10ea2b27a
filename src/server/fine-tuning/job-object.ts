import type { JsonObject, JsonValue } from '../../core/chat.ts';
import type { ObjectRow } from '../../core/objects.ts';
import type { SpecialistReport } from '../../core/specialist.ts';
import { isOverJob, type TrainingEvent, type TrainingJobBody } from '../../core/training-job.ts';

const AUTO = { n_epochs: 'auto', batch_size: 'auto', learning_rate_multiplier: 'auto' };

/** OpenAI's `fine_tuning.job`. */
export function printJob({ id, createdAt }: ObjectRow, body: TrainingJobBody): JsonObject {
  const { order, wire, status, error, result } = body;
  return {
    id,
    object: 'fine_tuning.job',
    created_at: secondsOf(createdAt),
    error: error === null ? null : { ...error, param: wireField(error.param, wire) },
    fine_tuned_model: result,
    finished_at: isOverJob(body) ? secondsOf(body.times[status] ?? createdAt) : null,
    hyperparameters: AUTO,
    model: wire['model'] ?? `cadre-${order.kind}`,
    organization_id: 'cadre',
    result_files: [],
    seed: order.seed,
    status,
    trained_tokens: null,
    training_file: wire['trainingFile'] ?? null,
    validation_file: wire['validationFile'] ?? null,
    estimated_finish: null,
    integrations: [],
    metadata: wire['metadata'] ?? null,
    user_provided_suffix: wire['suffix'] ?? null,
    method: { type: 'supervised', supervised: { hyperparameters: AUTO } },
  };
}

/** What a caller of this interface calls a part of the order. */
export function wireField<T>(param: T, wire: JsonObject): T | string {
  if (param === 'data') return 'training_file';
  if (param === 'test') return 'validation_file';
  if (param === 'base') return 'model';
  if (param === 'name') return typeof wire['suffix'] === 'string' ? 'suffix' : 'model';
  return param;
}

/** OpenAI's `fine_tuning.job.event`. */
export function printEvent(job: string, event: TrainingEvent): JsonObject {
  const hasFigures = Object.keys(event.data).length > 0;
  return {
    id: eventId(job, event.place),
    object: 'fine_tuning.job.event',
    created_at: secondsOf(event.at),
    level: event.level,
    message: event.message,
    type: hasFigures ? 'metrics' : 'message',
    data: event.data,
  };
}

export function eventId(job: string, place: number): string {
  return `ftevent-${job.replace(/^ftjob-/, '')}-${place}`;
}

/** What stands at the end of a job that succeeded: the model that was kept, with its figures. */
export function printCheckpoint(
  job: string,
  version: string,
  { at, data }: TrainingEvent,
): JsonObject {
  const report = data['report'] as unknown as SpecialistReport;
  const metrics: Record<string, JsonValue> = {
    step: report.rungs.length,
    full_valid_mean_token_accuracy: report.accuracy,
  };
  return {
    id: `ftckpt_${job.replace(/^ftjob-/, '')}`,
    object: 'fine_tuning.job.checkpoint',
    created_at: secondsOf(at),
    fine_tuned_model_checkpoint: version,
    fine_tuning_job_id: job,
    metrics,
    step_number: report.rungs.length,
  };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
