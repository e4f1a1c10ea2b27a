import type { Caller } from '../../core/call.ts';
import type { ObjectStore } from '../../core/objects.ts';
import { BATCH_OUTPUT } from '../files/file-object.ts';
import { ownObject } from '../files/own-object.ts';
import { invalidField } from '../wire-fields.ts';

/** Rejects unless it is a file of the caller's that may become a document: results of a batch are answers. */
export async function requireSourceFile(
  objects: ObjectStore,
  caller: Caller,
  id: string,
  param: string,
): Promise<void> {
  const { body } = await ownObject(objects, { kind: 'file', id, caller }, param);
  if (body['purpose'] === BATCH_OUTPUT)
    throw invalidField(param, 'an uploaded file: results of a batch are answers, no documents');
}
