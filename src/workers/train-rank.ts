import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readRankModel } from '../base/rank-model.ts';
import { DENSE_WEIGHT } from '../core/config-ground.ts';
import { CadreError } from '../core/errors.ts';
import { rankTexts } from '../ground/rank-texts.ts';
import { makeRank } from '../learn/make-rank.ts';
import type { HouseOrder } from '../learn/rank-beside.ts';
import { readRankRows } from '../learn/rank-rows.ts';
import { RankVectors } from '../learn/rank-vectors.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { keyOf, readRows } from './train-rows.ts';
import { askForVectors, type MakingOrder, send } from './train-thread.ts';

/** What orders passages for a query. */
export async function trainRank(order: MakingOrder): Promise<MadeReply> {
  const { seed, target, embedder, incumbent } = order;
  const file = readRows(order.data);
  const data = readRankRows(order.data.name, file.text);
  const leftOut = data.leftOut.reduce((sum, one) => sum + one.count, 0);
  send({ type: 'progress', progress: { stage: 'read', rows: data.pairs, labels: 0, leftOut } });
  const keys = RowKeys.of(data.rows.map((row) => keyOf(row.query)));
  const testFile = order.test && readRows(order.test);
  const test =
    order.test &&
    testFile &&
    readRankRows(order.test.name, testFile.text).rows.filter((row) => !keys.has(keyOf(row.query)));
  if (test?.length === 0)
    throw new CadreError(
      'invalid_request',
      `${order.test?.name} has no query that the training data do not hold too; measure on other ones`,
      { param: 'test' },
    );
  const known = new RowKeys(incumbent?.taught ?? new Uint8Array());
  const made = await makeRank({
    data,
    notes: [file.note, testFile?.note].filter((note) => note !== undefined),
    seed,
    source: `${file.hash}:${seed}`,
    house,
    ...(test && { test }),
    ...(target === undefined ? {} : { target }),
    ...(embedder === undefined
      ? {}
      : { vectors: new RankVectors({ id: embedder, embed: askForVectors }) }),
    ...(incumbent && {
      incumbent: {
        version: incumbent.version,
        attempt: incumbent.attempt,
        model: readRankModel(incumbent.bytes),
        bytes: incumbent.bytes.length,
        knows: (query: string) => known.has(keyOf(query)),
      },
    }),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: (rung) => send({ type: 'progress', progress: { stage: 'rung', rung } }),
  });
  const hashes = { dataHash: file.hash, testHash: testFile?.hash ?? null };
  return { type: 'made', ...made, taught: keys.bytes, ...hashes };
}

/** As POST /v1/rerank orders with `auto`. */
const house: HouseOrder = ({ query, passages }, vectors) =>
  rankTexts({
    query,
    texts: passages.map((one) => one.text),
    denseWeight: DENSE_WEIGHT,
    ...(vectors && { vectors: { query: vectors.query, texts: vectors.passages } }),
  }).map((one) => one.index);
