import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readGradeModel } from '../base/grade-model.ts';
import type { GradedRow } from '../learn/grade-agreement.ts';
import { type GradedRows, readGradedRows, readGradedTest } from '../learn/graded-rows.ts';
import { keepRows, keptWords } from '../learn/kept-rows.ts';
import { makeScore } from '../learn/make-score.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { evenHash, keyOf, readRows } from './train-rows.ts';
import { askForVectors, type MakingOrder, send } from './train-thread.ts';

/** What gives texts a number. */
export async function trainScore(order: MakingOrder): Promise<MadeReply> {
  const { seed, target, tolerance, embedder, incumbent } = order;
  const source = readRows(order.data);
  const read = await readGradedRows(order.data.name, source.text, seed);
  const { data: rows, kept } =
    order.test === undefined ? rowsApart(read) : { data: read, kept: [] };
  const leftOut = rows.leftOut.reduce((sum, one) => sum + one.count, 0);
  send({
    type: 'progress',
    progress: { stage: 'read', rows: rows.rows.length, labels: 0, leftOut },
  });
  const keys = RowKeys.of(rows.rows.map((row) => keyOf(row.text)));
  const file = order.test && readRows(order.test);
  const test =
    order.test &&
    file &&
    (await readGradedTest(order.test.name, file.text, (text) => keys.has(keyOf(text))));
  const known = new RowKeys(incumbent?.taught ?? new Uint8Array());
  const notes = [source.note, file?.note].filter((note) => note !== undefined);
  const made = await makeScore({
    data: { ...rows, warnings: [...notes, ...rows.warnings, ...(test?.warnings ?? [])] },
    kept,
    seed,
    source: `${source.hash}:${seed}`,
    ...(test && { test: test.rows }),
    ...(target === undefined ? {} : { target }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(embedder === undefined ? {} : { embedder: { id: embedder, embed: askForVectors } }),
    ...(incumbent && {
      incumbent: {
        version: incumbent.version,
        attempt: incumbent.attempt,
        model: readGradeModel(incumbent.bytes),
        bytes: incumbent.bytes.length,
        knows: (text: string) => known.has(keyOf(text)),
      },
    }),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: (rung) => send({ type: 'progress', progress: { stage: 'rung', rung } }),
  });
  const hashes = { dataHash: source.hash, testHash: file?.hash ?? null };
  return { type: 'made', ...made, taught: keys.bytes, ...hashes };
}

/** Of many rows some are kept apart to measure on, the same in every version. */
function rowsApart(read: GradedRows): {
  readonly data: GradedRows;
  readonly kept: readonly GradedRow[];
} {
  const apart = keepRows(
    read.rows.map((row) => ({ ...row, label: '' })),
    evenHash,
  );
  const leftOut = [...read.leftOut, ...keptWords(apart)].filter((one) => one.count > 0);
  return { data: { ...read, rows: apart.taught, leftOut }, kept: apart.kept };
}
