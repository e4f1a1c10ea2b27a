import type { ObjectRow, ObjectStore } from './objects.ts';
import type { SpecialistBody } from './specialist.ts';

const PAGE = 500;
/** A taught row's key. */
const KEY_BYTES = 8;

/** Bytes of all files and specialists of a key together, which `limits.storedBytesPerKey` bounds. */
export async function storedBytes(objects: ObjectStore, key: string): Promise<number> {
  const files = await sumOf(objects, { kind: 'file', key }, ({ body }) => Number(body['bytes']));
  const models = await sumOf(objects, { kind: 'specialist', key }, ({ body }) => {
    const { manifest, bytesGone } = body as SpecialistBody;
    return bytesGone ? 0 : manifest.report.bytes + KEY_BYTES * manifest.report.rows;
  });
  return files + models;
}

async function sumOf(
  objects: ObjectStore,
  wanted: Pick<ObjectRow, 'kind' | 'key'>,
  bytesOf: (row: ObjectRow) => number,
): Promise<number> {
  let sum = 0;
  for (let after: string | undefined; ; ) {
    const rows = await objects.doListObjects({
      ...wanted,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const row of rows) sum += bytesOf(row);
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) return sum;
  }
}
