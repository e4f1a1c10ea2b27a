import type { JsonObject } from '../../core/chat.ts';
import type { ObjectRow } from '../../core/objects.ts';

/** What a caller may upload a file for. */
export const UPLOAD_PURPOSES = [
  'assistants',
  'batch',
  'evals',
  'fine-tune',
  'user_data',
  'vision',
] as const;
/** What the farm itself makes. */
export const BATCH_OUTPUT = 'batch_output';

/** Files for and of batches go after 30 days, as OpenAI's do. */
export const BATCH_FILE_MS = 30 * 86_400_000;
/** Bytes of one part of the content in the store: about a millisecond to write. */
export const PART_BYTES = 256 * 1024;

/** A file's row; the content lies beside it in parts. */
export function fileRow(file: {
  readonly id: string;
  readonly key: string;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
}): ObjectRow {
  const { id, key, createdAt, expiresAt, filename, purpose, bytes } = file;
  return {
    kind: 'file',
    id,
    key,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    body: { filename, purpose, bytes },
  };
}

/** OpenAI's file object. */
export function printFile({ id, createdAt, expiresAt, body }: ObjectRow): JsonObject {
  return {
    id,
    object: 'file',
    bytes: body['bytes'] ?? 0,
    created_at: Math.floor(createdAt / 1000),
    expires_at: expiresAt === undefined ? null : Math.floor(expiresAt / 1000),
    filename: body['filename'] ?? '',
    purpose: body['purpose'] ?? '',
    status: 'processed',
    status_details: null,
  };
}
