import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { CadreError } from '../core/errors.ts';
import type { LeftOut, RungReport } from '../core/specialist.ts';
import type { Incumbent } from '../learn/incumbent.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { keyOf, type readRows } from './train-rows.ts';
import { askForVectors, type MakingOrder, send } from './train-thread.ts';

type ReadFile = ReturnType<typeof readRows>;

/** What each kind of specialist is made with beside its rows. */
export function settingsOf<Model>(
  { seed, target, embedder, incumbent }: MakingOrder,
  { hash }: ReadFile,
  readModel: (bytes: Uint8Array) => Model,
) {
  return {
    seed,
    source: `${hash}:${seed}`,
    ...(target === undefined ? {} : { target }),
    ...(embedder === undefined ? {} : { embedder: { id: embedder, embed: askForVectors } }),
    ...(incumbent && { incumbent: readIncumbent(incumbent, readModel) }),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: (rung: RungReport) => send({ type: 'progress', progress: { stage: 'rung', rung } }),
  };
}

function readIncumbent<Model>(
  { version, attempt, bytes, taught }: NonNullable<MakingOrder['incumbent']>,
  readModel: (bytes: Uint8Array) => Model,
): Incumbent<Model> {
  const known = new RowKeys(taught);
  const knows = (text: string) => known.has(keyOf(text));
  return { version, attempt, model: readModel(bytes), bytes: bytes.length, knows };
}

/** Tells the farm what was read. */
export function tellRead(rows: number, labels: number, left: readonly LeftOut[]): void {
  const leftOut = left.reduce((sum, one) => sum + one.count, 0);
  send({ type: 'progress', progress: { stage: 'read', rows, labels, leftOut } });
}

/** What was odd about the files, in words. */
export function notesOf(...files: readonly (ReadFile | undefined)[]): string[] {
  return files.map((file) => file?.note).filter((note) => note !== undefined);
}

/** What is made of a test file, without what the training data hold too: it would measure memory. */
export function unseenOf<Row>(
  { name }: ReadFile,
  rows: readonly Row[],
  isTaught: (row: Row) => boolean,
): readonly Row[] {
  const unseen = rows.filter((row) => !isTaught(row));
  if (unseen.length > 0) return unseen;
  throw new CadreError(
    'invalid_request',
    `${name} has no row that the training data do not hold too; measure on other rows`,
    { param: 'test' },
  );
}

/** To the farm: what was made, and the hashes that tell of which files. */
export function madeReply(
  made: Pick<MadeReply, 'bytes' | 'report' | 'sample' | 'shown' | 'sources'>,
  taught: RowKeys,
  data: ReadFile,
  test: ReadFile | undefined,
): MadeReply {
  return {
    type: 'made',
    ...made,
    taught: taught.bytes,
    dataHash: data.hash,
    testHash: test?.hash ?? null,
  };
}
