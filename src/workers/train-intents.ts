import type { MadeReply, SpecialistOrder } from '../adapters/models/classifier-protocol.ts';
import { readMicroModel } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import type { TrafficText } from '../core/labelling.ts';
import { type CuratedRows, curateRows } from '../learn/curated-rows.ts';
import { keepRows, keptWords } from '../learn/kept-rows.ts';
import { type LabelledRows, readLabelledRows } from '../learn/labelled-rows.ts';
import { type IntentsInput, makeIntents } from '../learn/make-intents.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { testRows } from '../learn/test-rows.ts';
import { poolTexts, rowsOfTraffic, type TrafficRows } from '../learn/traffic-rows.ts';
import { nearWarnings } from '../learn/training-warnings.ts';
import { redactText } from '../policy/redaction.ts';
import { evenHash, keyOf, readRows } from './train-rows.ts';
import { askForVectors, type MakingOrder, send } from './train-thread.ts';

/** What sorts texts into labels, from a file or from the traffic. */
export async function trainIntents(order: MakingOrder): Promise<MadeReply> {
  const { seed, target, embedder } = order;
  const data = readRows(order.data);
  const traffic = order.isTraffic ? trafficOf(data.text) : undefined;
  const { curated, kept } = rowsOf(
    withTraffic(curateRows(order.data.name, readOf(order, data.text, traffic), seed), traffic),
    order.test !== undefined || traffic?.test !== undefined,
  );
  const keys = RowKeys.of(curated.rows.map((row) => keyOf(row.text)));
  const test = order.test && readRows(order.test);
  const tested = testedOf(order, test?.text, traffic?.test);
  const known = (text: string) => keys.has(keyOf(text));
  const measured = tested && testRows(tested.name, tested.read, curated.labels, known);
  const leftOut = curated.leftOut.reduce((sum, one) => sum + one.count, 0);
  send({
    type: 'progress',
    progress: {
      stage: 'read',
      rows: curated.rows.length,
      labels: curated.labels.length,
      leftOut,
    },
  });
  const notes = [data.note, test?.note].filter((note) => note !== undefined);
  const { bytes, report, sample } = await makeIntents({
    curated: {
      ...curated,
      warnings: [
        ...notes,
        ...curated.warnings,
        ...nearWarnings(curated.rows),
        ...(measured?.warnings ?? []),
      ],
    },
    seed,
    source: `${data.hash}:${seed}`,
    kept,
    ...(measured === undefined ? {} : { test: measured.rows }),
    ...(target === undefined ? {} : { target }),
    ...(embedder === undefined ? {} : { embedder: { id: embedder, embed: askForVectors } }),
    ...incumbentOf(order),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: (rung) => send({ type: 'progress', progress: { stage: 'rung', rung } }),
  });
  return {
    type: 'made',
    bytes,
    taught: keys.bytes,
    report,
    sample,
    dataHash: data.hash,
    testHash: test?.hash ?? null,
    ...(traffic && { sources: traffic.sources }),
  };
}

function readOf(
  order: SpecialistOrder,
  text: string,
  traffic: TrafficRows | undefined,
): LabelledRows {
  if (traffic === undefined) return readLabelledRows(order.data.name, text);
  return { rows: traffic.train, broken: new Map() };
}

/** Rows to measure on: of a file, or the latest ones of the traffic. */
function testedOf(
  { data, test }: SpecialistOrder,
  text: string | undefined,
  latest: readonly LabelledText[] | undefined,
): { readonly name: string; readonly read: LabelledRows } | undefined {
  if (test !== undefined && text !== undefined)
    return { name: test.name, read: readLabelledRows(test.name, text) };
  return latest && { name: data.name, read: { rows: latest, broken: new Map() } };
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

function incumbentOf({ incumbent }: SpecialistOrder): Pick<IntentsInput, 'incumbent'> {
  if (incumbent === undefined) return {};
  const { version, bytes, taught, attempt } = incumbent;
  const known = new RowKeys(taught);
  const knows = (text: string) => known.has(keyOf(text));
  return {
    incumbent: { version, parts: readMicroModel(bytes), knows, bytes: bytes.length, attempt },
  };
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
