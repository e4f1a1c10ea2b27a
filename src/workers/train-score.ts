import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readGradeModel } from '../base/grade-model.ts';
import type { GradedRow } from '../learn/grade-agreement.ts';
import { type GradedRows, readGradedRows, readGradedTest } from '../learn/graded-rows.ts';
import { keepRows, keptWords } from '../learn/kept-rows.ts';
import { makeScore } from '../learn/make-score.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { madeReply, notesOf, settingsOf, tellRead } from './train-frame.ts';
import { evenHash, keyOf, readRows } from './train-rows.ts';
import type { MakingOrder } from './train-thread.ts';

/** What gives texts a number. */
export async function trainScore(order: MakingOrder): Promise<MadeReply> {
  const { seed, tolerance } = order;
  const file = readRows(order.data);
  const read = await readGradedRows(file.name, file.text, seed);
  const { data, kept } = order.test === undefined ? rowsApart(read) : { data: read, kept: [] };
  tellRead(data.rows.length, 0, data.leftOut);
  const keys = RowKeys.of(data.rows.map((row) => keyOf(row.text)));
  const testFile = order.test && readRows(order.test);
  const test =
    testFile &&
    (await readGradedTest(testFile.name, testFile.text, (text) => keys.has(keyOf(text))));
  const notes = notesOf(file, testFile);
  const made = await makeScore({
    ...settingsOf(order, file, readGradeModel),
    data: { ...data, warnings: [...notes, ...data.warnings, ...(test?.warnings ?? [])] },
    kept,
    ...(test && { test: test.rows }),
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  return madeReply(made, keys, file, testFile);
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
