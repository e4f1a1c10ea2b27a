import { CadreError } from '../core/errors.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Signer } from '../core/specialist.ts';
import type { StoredVersion } from './version-keeping.ts';

/** A model with the keys of the rows that it was taught. */
export interface SpecialistContent {
  readonly bytes: Uint8Array;
  readonly taught: Uint8Array;
}

export interface ContentParts {
  readonly objects: ObjectStore;
  readonly signer: Signer;
  /** SHA-256, hex. */
  readonly hash: (bytes: Uint8Array) => string;
  /** Nodes that share a store sign with keys of their own. */
  readonly takesOtherKeys: boolean;
}

/** Bytes of one part of the content in the store. */
const PART_BYTES = 512 * 1024;
/** Where the taught rows' keys begin; a model has fewer parts. */
const TAUGHT_AT = 1_000_000;

/** Rejects with the store's error. */
export async function writeContent(
  objects: Pick<ObjectStore, 'doPutPart'>,
  id: string,
  { bytes, taught }: SpecialistContent,
): Promise<void> {
  await writeParts(objects, id, bytes, 0);
  await writeParts(objects, id, taught, TAUGHT_AT);
}

/** The content of a version, verified. Rejects with `specialist_damaged`. */
export async function readContent(
  { signer, takesOtherKeys, hash, objects }: ContentParts,
  { row, body }: StoredVersion,
): Promise<SpecialistContent> {
  if (body.bytesGone)
    throw damaged(row.id, 'its bytes are gone, to make room for newer versions; train it again');
  const { manifest, signature } = body;
  const isKnown = takesOtherKeys || signature.keyId === signer.keyId;
  if (!isKnown || !signer.verify(JSON.stringify(manifest), signature))
    throw damaged(row.id, 'its manifest is not signed by this home');
  const bytes: Uint8Array[] = [];
  const taught: Uint8Array[] = [];
  for await (const part of objects.doReadParts('specialist', row.id))
    (part.position < TAUGHT_AT ? bytes : taught).push(part.bytes);
  const content = { bytes: joined(bytes), taught: joined(taught) };
  if (hash(content.bytes) !== manifest.contentHash)
    throw damaged(row.id, 'its bytes are not those that were signed');
  if (hash(content.taught) !== manifest.taughtHash)
    throw damaged(row.id, 'the rows that it was taught are not those that were signed');
  return content;
}

async function writeParts(
  objects: Pick<ObjectStore, 'doPutPart'>,
  id: string,
  bytes: Uint8Array,
  from: number,
): Promise<void> {
  for (let at = 0, position = from; at < bytes.length; at += PART_BYTES, position += 1)
    await objects.doPutPart('specialist', id, {
      position,
      bytes: bytes.subarray(at, at + PART_BYTES),
    });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function damaged(id: string, problem: string): CadreError {
  return new CadreError('specialist_damaged', `${id} does not serve: ${problem}`);
}
