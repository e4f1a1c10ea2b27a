import type { JsonObject } from '../../core/chat.ts';
import { anyObject, described, object, text } from '../schema-parts.ts';
import { BATCH_ENDPOINTS } from './batch-endpoints.ts';

const whole = { type: 'integer' };
const time = { type: ['integer', 'null'] };
const name = { type: ['string', 'null'] };

/** The body that `parseBatch` accepts. */
export const BATCH_BODY: JsonObject = {
  ...object(
    {
      input_file_id: described(text, 'A file of the same key with the purpose `batch`.'),
      endpoint: { enum: BATCH_ENDPOINTS, description: 'What every line of the file is for.' },
      completion_window: described(
        { type: 'string', pattern: '^[1-9][0-9]{0,2}[hd]$' },
        '`24h`, or other hours or days up to `30d`.',
      ),
      metadata: described(anyObject, 'Up to 16 strings, given back with the batch.'),
      output_expires_after: described(
        anyObject,
        '`{anchor: "created_at", seconds}`; without it result files stay 30 days.',
      ),
    },
    ['input_file_id', 'endpoint', 'completion_window'],
  ),
  examples: [
    {
      input_file_id: 'file-abcdefghijklmnopqrstuvwx',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { purpose: 'nightly' },
    },
  ],
};

export const BATCH: JsonObject = object(
  {
    id: text,
    object: { const: 'batch' },
    endpoint: text,
    errors: { type: ['object', 'null'] },
    input_file_id: text,
    completion_window: text,
    status: {
      enum: [
        'validating',
        'failed',
        'in_progress',
        'finalizing',
        'completed',
        'expired',
        'cancelling',
        'cancelled',
      ],
    },
    output_file_id: name,
    error_file_id: name,
    created_at: whole,
    expires_at: whole,
    in_progress_at: time,
    finalizing_at: time,
    completed_at: time,
    failed_at: time,
    expired_at: time,
    cancelling_at: time,
    cancelled_at: time,
    request_counts: object({ total: whole, completed: whole, failed: whole }, [
      'total',
      'completed',
      'failed',
    ]),
    metadata: { type: ['object', 'null'] },
  },
  ['id', 'object', 'endpoint', 'input_file_id', 'status', 'created_at', 'request_counts'],
);
