import type { IncomingMessage } from 'node:http';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../../core/objects.ts';
import { newObjectId } from '../identifiers.ts';
import { invalidField } from '../wire-fields.ts';
import { BATCH_FILE_MS, fileRow, UPLOAD_PURPOSES } from './file-object.ts';
import { boundaryOf, type MultipartPiece, readMultipart } from './multipart.ts';
import { PartWriter } from './part-writer.ts';

/** Bytes of all ordinary fields together. */
const FIELD_BYTES = 4096;
/** What headers, delimiters and fields may add to the file. */
export const FRAME_BYTES = 65_536;
const FILENAME_LENGTH = 255;
/** A sender who sends less than this in so long, about 1 kB/s, is dropped. */
const LEAST_BYTES = 64_000;
const STALL_MS = 60_000;
const HOUR_SECONDS = 3600;
const MONTH_SECONDS = 2_592_000;

/** Where an upload goes and how large it may be. */
interface Upload {
  readonly objects: ObjectStore;
  readonly key: string;
  readonly limitBytes: number;
  /** The refusal of a file beyond it. */
  readonly tooLarge: () => CadreError;
  readonly signal: AbortSignal;
}

/**
 * Receives one `multipart/form-data` body with a `file`, its `purpose` and perhaps `expires_after`,
 * in any order, and stores it. The content goes into the store as it comes; when the upload is
 * refused, broken off or fails, nothing of it stays.
 */
export async function receiveFile(incoming: IncomingMessage, upload: Upload): Promise<ObjectRow> {
  const boundary = boundaryOf(incoming.headers['content-type'] ?? '');
  if (boundary === undefined)
    throw new CadreError(
      'unsupported_media_type',
      'an upload is `multipart/form-data` with a boundary',
      { param: 'content-type' },
    );
  const declared = Number(incoming.headers['content-length'] ?? 0);
  if (declared > upload.limitBytes + FRAME_BYTES) throw upload.tooLarge();
  const id = newObjectId('file-');
  const writer = new PartWriter(upload.objects, id);
  try {
    const form = await readForm(readMultipart(chunksOf(incoming), boundary), writer, upload);
    const row = rowOf(form, { id, key: upload.key, bytes: writer.bytes });
    await writer.flush();
    upload.signal.throwIfAborted();
    await upload.objects.doPutObject(row);
    return row;
  } catch (error) {
    await upload.objects.doDropParts('file', id);
    throw error;
  }
}

/** The body's chunks; the connection stays open for the answer when reading ends early. */
async function* chunksOf(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  let taken = 0;
  const timer = setInterval(() => {
    if (taken < LEAST_BYTES) incoming.destroy();
    taken = 0;
  }, STALL_MS);
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      taken += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (error) {
    if (!incoming.complete)
      throw new CadreError('cancelled', 'the sender went away within the upload', { cause: error });
    throw error;
  } finally {
    clearInterval(timer);
  }
  if (!incoming.complete)
    throw new CadreError('cancelled', 'the sender went away within the upload');
}

interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly filename: string | undefined;
}

async function readForm(
  pieces: AsyncIterable<MultipartPiece>,
  writer: PartWriter,
  { limitBytes, tooLarge, signal }: Upload,
): Promise<Form> {
  const fields = new Map<string, string>();
  let filename: string | undefined;
  let field: string | undefined;
  let fieldBytes = 0;
  for await (const piece of pieces) {
    signal.throwIfAborted();
    if (piece.type === 'part') {
      field = piece.name === 'file' ? undefined : piece.name;
      if (field !== undefined) fields.set(field, '');
      else if (filename !== undefined) throw invalidField('file', 'given once');
      else filename = piece.filename ?? 'file';
    } else if (field === undefined) {
      await writer.write(piece.bytes);
      if (writer.bytes > limitBytes) throw tooLarge();
    } else {
      fieldBytes += piece.bytes.length;
      if (fieldBytes > FIELD_BYTES)
        throw invalidField(field.slice(0, 100), `short: all fields have ${FIELD_BYTES} bytes`);
      // Every value that is read is ASCII.
      fields.set(field, `${fields.get(field) ?? ''}${piece.bytes.toString('latin1')}`);
    }
  }
  return { fields, filename };
}

function rowOf(
  { fields, filename }: Form,
  file: { readonly id: string; readonly key: string; readonly bytes: number },
): ObjectRow {
  const purpose = fields.get('purpose');
  if (!UPLOAD_PURPOSES.some((one) => one === purpose))
    throw invalidField('purpose', `one of ${UPLOAD_PURPOSES.join(', ')}`);
  if (filename === undefined) throw invalidField('file', 'a part of the form');
  if (file.bytes === 0) throw invalidField('file', 'a file that is not empty');
  const createdAt = Date.now();
  const lifeMs = expiryOf(fields) ?? (purpose === 'batch' ? BATCH_FILE_MS : undefined);
  return fileRow({
    ...file,
    createdAt,
    expiresAt: lifeMs === undefined ? undefined : createdAt + lifeMs,
    filename: cleanName(filename),
    purpose: purpose ?? '',
  });
}

/** Milliseconds after which the caller wants the file gone. */
function expiryOf(fields: ReadonlyMap<string, string>): number | undefined {
  const anchor = fields.get('expires_after[anchor]');
  const seconds = fields.get('expires_after[seconds]');
  if (anchor === undefined && seconds === undefined) return undefined;
  if (anchor !== 'created_at') throw invalidField('expires_after[anchor]', '`created_at`');
  const count = Number(seconds);
  if (!Number.isInteger(count) || count < HOUR_SECONDS || count > MONTH_SECONDS)
    throw invalidField(
      'expires_after[seconds]',
      `a whole number of ${HOUR_SECONDS} to ${MONTH_SECONDS}`,
    );
  return count * 1000;
}

/** The last segment of what the client calls the file, without control characters. */
function cleanName(filename: string): string {
  const last = filename.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
  // The cut may leave half of a character that takes two places.
  return clean.slice(0, FILENAME_LENGTH).replace(/\p{Cs}$/u, '') || 'file';
}
