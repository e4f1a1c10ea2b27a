import type { JsonObject } from '../../core/chat.ts';
import { anyObject, described, object, text } from '../schema-parts.ts';
import { BASE_MODEL, SEED_MOST } from './job-request.ts';

const whole = { type: 'integer' };
const name = { type: ['string', 'null'] };

/** The body that `parseJob` accepts. */
export const JOB_BODY: JsonObject = {
  ...object(
    {
      model: described(
        text,
        `\`${BASE_MODEL}\`, \`cadre-extract\`, \`cadre-score\`, \`cadre-rank\`, a local model that gets an adapter, or a specialist that gets a next version.`,
      ),
      training_file: described(
        text,
        'A file of the same key: JSON lines of chats whose last assistant message is the label or the answer, or of `text` and `label`; for `cadre-rank` of `query`, `passage` and `relevant`; CSV.',
      ),
      validation_file: described(
        text,
        'Rows to measure on alone; without it some of the rows are held out.',
      ),
      suffix: described(
        { type: 'string', maxLength: 64 },
        'The specialist’s name: lower-case letters, digits, dot, dash and underscore.',
      ),
      seed: described(
        { type: 'integer', minimum: 0, maximum: SEED_MOST },
        'The same rows and seed give the same bytes.',
      ),
      hyperparameters: described(anyObject, 'Taken as `auto`: the ladder chooses them.'),
      method: described(anyObject, '`{type: "supervised"}`.'),
      integrations: {
        type: 'array',
        maxItems: 0,
        description: 'Empty: nothing is sent to others.',
      },
      metadata: described(anyObject, 'Up to 16 strings, given back with the job.'),
      cadre: described(
        anyObject,
        '`target`: accuracy at which the ladder stops; `tolerance`: of a score, how far off a number counts as right; `promote`: let it serve where it passes beside the live version.',
      ),
    },
    ['model', 'training_file'],
  ),
  examples: [
    {
      model: BASE_MODEL,
      training_file: 'file-abcdefghijklmnopqrstuvwx',
      suffix: 'triage',
      seed: 7,
      hyperparameters: { n_epochs: 'auto' },
    },
  ],
};

export const JOB: JsonObject = object(
  {
    id: text,
    object: { const: 'fine_tuning.job' },
    created_at: whole,
    error: { type: ['object', 'null'] },
    fine_tuned_model: name,
    finished_at: { type: ['integer', 'null'] },
    hyperparameters: anyObject,
    model: text,
    organization_id: text,
    result_files: { type: 'array' },
    seed: whole,
    status: { enum: ['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'] },
    trained_tokens: { type: ['integer', 'null'] },
    training_file: name,
    validation_file: name,
    metadata: { type: ['object', 'null'] },
    method: anyObject,
  },
  ['id', 'object', 'created_at', 'model', 'status', 'seed'],
);

export const JOB_EVENT: JsonObject = object(
  {
    id: text,
    object: { const: 'fine_tuning.job.event' },
    created_at: whole,
    level: { enum: ['info', 'warn', 'error'] },
    message: text,
    type: { enum: ['message', 'metrics'] },
    data: anyObject,
  },
  ['id', 'object', 'created_at', 'level', 'message'],
);

export const JOB_CHECKPOINT: JsonObject = object(
  {
    id: text,
    object: { const: 'fine_tuning.job.checkpoint' },
    created_at: whole,
    fine_tuned_model_checkpoint: text,
    fine_tuning_job_id: text,
    metrics: anyObject,
    step_number: whole,
  },
  ['id', 'object', 'fine_tuned_model_checkpoint', 'fine_tuning_job_id'],
);

export const MODEL_DELETED: JsonObject = object(
  { id: text, object: { const: 'model' }, deleted: { type: 'boolean' } },
  ['id', 'object', 'deleted'],
);
