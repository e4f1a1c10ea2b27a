import type { JsonObject } from '../../core/chat.ts';
import { object, text } from '../schema-parts.ts';
import { UPLOAD_PURPOSES } from './file-object.ts';

const time = { type: ['integer', 'null'], description: 'Seconds since the epoch.' };

/** The form that POST /v1/files reads. */
export const UPLOAD_FORM: JsonObject = object(
  {
    file: { type: 'string', format: 'binary', description: 'The file; its name is kept.' },
    purpose: { enum: UPLOAD_PURPOSES, description: 'What it is for.' },
    'expires_after[anchor]': { const: 'created_at' },
    'expires_after[seconds]': {
      type: 'integer',
      minimum: 3600,
      maximum: 2_592_000,
      description: 'Without it files for batches stay 30 days, others until they are deleted.',
    },
  },
  ['file', 'purpose'],
);

export const FILE: JsonObject = object(
  {
    id: text,
    object: { const: 'file' },
    bytes: { type: 'integer' },
    created_at: { type: 'integer' },
    expires_at: time,
    filename: text,
    purpose: text,
    status: text,
    status_details: { type: ['string', 'null'] },
  },
  ['id', 'object', 'bytes', 'created_at', 'filename', 'purpose', 'status'],
);

export const listOf = (item: JsonObject): JsonObject =>
  object(
    {
      object: { const: 'list' },
      data: { type: 'array', items: item },
      first_id: { type: ['string', 'null'] },
      last_id: { type: ['string', 'null'] },
      has_more: { type: 'boolean' },
    },
    ['object', 'data', 'has_more'],
  );

export const FILE_DELETED: JsonObject = object(
  { id: text, object: { const: 'file' }, deleted: { const: true } },
  ['id', 'object', 'deleted'],
);
