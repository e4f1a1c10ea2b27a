import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readSpanTagger } from '../base/span-tagger.ts';
import { makeExtract } from '../learn/make-extract.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { readSpanRows } from '../learn/span-rows.ts';
import { madeReply, notesOf, settingsOf, tellRead, unseenOf } from './train-frame.ts';
import { keyOf, readRows } from './train-rows.ts';
import type { MakingOrder } from './train-thread.ts';

/** What finds fields in texts. */
export async function trainExtract(order: MakingOrder): Promise<MadeReply> {
  const file = readRows(order.data);
  const data = readSpanRows(file.name, file.text);
  tellRead(data.rows.length, data.labels.length, data.leftOut);
  const keys = RowKeys.of(data.rows.map((row) => keyOf(row.text)));
  const testFile = order.test && readRows(order.test);
  const test =
    testFile &&
    unseenOf(testFile, readSpanRows(testFile.name, testFile.text).rows, (row) =>
      keys.has(keyOf(row.text)),
    );
  const settings = settingsOf(order, file, readSpanTagger);
  const made = makeExtract({
    ...settings,
    data,
    notes: notesOf(file, testFile),
    ...(test && { test }),
  });
  made.report.rungs.forEach(settings.onRung);
  return madeReply(made, keys, file, testFile);
}
