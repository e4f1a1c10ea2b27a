import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readSpanTagger } from '../base/span-tagger.ts';
import { CadreError } from '../core/errors.ts';
import { makeExtract } from '../learn/make-extract.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { readSpanRows } from '../learn/span-rows.ts';
import { keyOf, readRows } from './train-rows.ts';
import { type MakingOrder, send } from './train-thread.ts';

/** What finds fields in texts. */
export async function trainExtract(order: MakingOrder): Promise<MadeReply> {
  const { seed, incumbent } = order;
  const data = readRows(order.data);
  const rows = readSpanRows(order.data.name, data.text);
  const leftOut = rows.leftOut.reduce((sum, one) => sum + one.count, 0);
  const [count, labels] = [rows.rows.length, rows.labels.length];
  send({ type: 'progress', progress: { stage: 'read', rows: count, labels, leftOut } });
  const keys = RowKeys.of(rows.rows.map((row) => keyOf(row.text)));
  const test = order.test && readRows(order.test);
  const tested =
    order.test &&
    test &&
    readSpanRows(order.test.name, test.text).rows.filter((row) => !keys.has(keyOf(row.text)));
  if (tested?.length === 0)
    throw new CadreError(
      'invalid_request',
      `${order.test?.name} has no row that the training data do not hold too; measure on other rows`,
      { param: 'test' },
    );
  const known = new RowKeys(incumbent?.taught ?? new Uint8Array());
  const { bytes, report, sample } = makeExtract({
    data: rows,
    notes: [data.note, test?.note].filter((note) => note !== undefined),
    seed,
    source: `${data.hash}:${seed}`,
    ...(tested && { test: tested }),
    ...(incumbent && {
      incumbent: {
        version: incumbent.version,
        attempt: incumbent.attempt,
        tagger: readSpanTagger(incumbent.bytes),
        bytes: incumbent.bytes.length,
        knows: (text: string) => known.has(keyOf(text)),
      },
    }),
    cpuMs: () => process.threadCpuUsage().user / 1000,
  });
  for (const rung of report.rungs) send({ type: 'progress', progress: { stage: 'rung', rung } });
  const taught = keys.bytes;
  const [dataHash, testHash] = [data.hash, test?.hash ?? null];
  return { type: 'made', bytes, taught, report, sample, dataHash, testHash };
}
