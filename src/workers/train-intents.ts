import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readMicroModel } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import type { TrafficText } from '../core/labelling.ts';
import { type CuratedRows, curateRows } from '../learn/curated-rows.ts';
import { keepRows, keptWords } from '../learn/kept-rows.ts';
import { type LabelledRows, readLabelledRows } from '../learn/labelled-rows.ts';
import { makeIntents } from '../learn/make-intents.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { testRows } from '../learn/test-rows.ts';
import { poolTexts, rowsOfTraffic, type TrafficRows } from '../learn/traffic-rows.ts';
import { nearWarnings } from '../learn/training-warnings.ts';
import { redactText } from '../policy/redaction.ts';
import { madeReply, notesOf, settingsOf, tellRead } from './train-frame.ts';
import { evenHash, keyOf, readRows } from './train-rows.ts';
import type { MakingOrder } from './train-thread.ts';

/** What sorts texts into labels, from a file or from the traffic. */
export async function trainIntents(order: MakingOrder): Promise<MadeReply> {
  const file = readRows(order.data);
  const traffic = order.isTraffic ? trafficOf(file.text) : undefined;
  const { curated, kept } = rowsOf(
    withTraffic(curateRows(file.name, readOf(file, traffic), order.seed), traffic),
    order.test !== undefined || traffic?.test !== undefined,
  );
  const keys = RowKeys.of(curated.rows.map((row) => keyOf(row.text)));
  const testFile = order.test && readRows(order.test);
  const read =
    testFile === undefined
      ? traffic?.test && { rows: traffic.test, broken: new Map() }
      : readLabelledRows(testFile.name, testFile.text);
  const known = (text: string) => keys.has(keyOf(text));
  const test = read && testRows((testFile ?? file).name, read, curated.labels, known);
  tellRead(curated.rows.length, curated.labels.length, curated.leftOut);
  const made = await makeIntents({
    ...settingsOf(order, file, readMicroModel),
    curated: {
      ...curated,
      warnings: [
        ...notesOf(file, testFile),
        ...curated.warnings,
        ...nearWarnings(curated.rows),
        ...(test?.warnings ?? []),
      ],
    },
    kept,
    ...(test && { test: test.rows }),
  });
  const sources = traffic && { sources: traffic.sources };
  return madeReply({ ...made, ...sources }, keys, file, testFile);
}

function readOf(
  { name, text }: ReturnType<typeof readRows>,
  traffic: TrafficRows | undefined,
): LabelledRows {
  return traffic ? { rows: traffic.train, broken: new Map() } : readLabelledRows(name, text);
}

function trafficOf(lines: string): TrafficRows {
  const texts = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrafficText);
  return rowsOfTraffic(poolTexts(texts, (text) => redactText(text).text));
}

function withTraffic(curated: CuratedRows, traffic: TrafficRows | undefined): CuratedRows {
  if (traffic === undefined) return curated;
  const leftOut = [...traffic.leftOut, ...curated.leftOut];
  return { ...curated, leftOut, warnings: [...traffic.warnings, ...curated.warnings] };
}

/** With a test set of its own all rows are taught; else some are kept apart to measure on. */
function rowsOf(
  curated: CuratedRows,
  hasTest: boolean,
): { readonly curated: CuratedRows; readonly kept: readonly LabelledText[] } {
  if (hasTest) return { curated, kept: [] };
  const apart = keepRows(curated.rows, evenHash);
  const { taught, kept } = apart;
  const leftOut = [...curated.leftOut, ...keptWords(apart)].filter((one) => one.count > 0);
  return { curated: { ...curated, rows: taught, leftOut }, kept };
}
