import type { RowsOrder, RowsReply } from '../adapters/models/classifier-protocol.ts';
import { CadreError } from '../core/errors.ts';
import { shownRows } from '../learn/adapter-asks.ts';
import { askedText, readAdapterRows, splitAdapterRows } from '../learn/adapter-rows.ts';
import { instructionAt, instructionsOf } from '../learn/instructions.ts';
import { RowKeys } from '../learn/row-keys.ts';
import type { TaughtRow } from '../learn/taught-row.ts';
import { notesOf } from './train-frame.ts';
import { evenHash, keyOf, readRows } from './train-rows.ts';

/** Each is a request to a model: more take hours, and change the third decimal. */
const MEASURED_MOST = 2000;

/** What an adapter is taught with, and what it is measured on: of a test file, or rows kept apart. */
export function rowsOfAdapter({ data, test, incumbentTaught }: RowsOrder): RowsReply {
  const file = readRows(data);
  const read = readAdapterRows(data.name, file.text);
  const testFile = test && readRows(test);
  const { taught, kept } = testFile
    ? { taught: read.rows, kept: readAdapterRows(testFile.name, testFile.text).rows }
    : splitAdapterRows(read.rows, evenHash);
  const keys = RowKeys.of(taught.map((row) => keyOf(askedText(row))));
  const unseen = kept.filter((row) => !keys.has(keyOf(askedText(row))));
  if (unseen.length === 0)
    throw new CadreError(
      'invalid_request',
      test === undefined
        ? `${data.name} has too few unlike rows to measure on; give more, or other ones with --test`
        : `${test.name} has no row that the training data do not hold too; measure on other rows`,
      { param: test === undefined ? 'data' : 'test' },
    );
  const instructions = instructionsOf(taught);
  const instructed = (row: TaughtRow) => ({
    ...row,
    instruction: instructionAt(row, instructions),
  });
  const known = new RowKeys(incumbentTaught ?? new Uint8Array());
  const lines = taught.map(({ messages, answer }) =>
    JSON.stringify({ messages: [...messages, { role: 'assistant', content: answer }] }),
  );
  return {
    type: 'rows',
    lines: new TextEncoder().encode(`${lines.join('\n')}\n`),
    count: taught.length,
    measured: unseen
      .slice(0, MEASURED_MOST)
      .map((row) => ({ ...instructed(row), isKnown: known.has(keyOf(askedText(row))) })),
    instructions,
    shown: shownRows(taught.map(instructed)),
    taught: keys.bytes,
    leftOut: read.leftOut,
    warnings: [
      ...notesOf(file, testFile),
      ...(unseen.length > MEASURED_MOST
        ? [`of ${unseen.length} test rows the first ${MEASURED_MOST} are asked`]
        : []),
    ],
    dataHash: file.hash,
    testHash: testFile?.hash ?? null,
  };
}
