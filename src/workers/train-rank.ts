import type { MadeReply } from '../adapters/models/classifier-protocol.ts';
import { readRankModel } from '../base/rank-model.ts';
import { DENSE_WEIGHT } from '../core/config-ground.ts';
import { rankTexts } from '../ground/rank-texts.ts';
import { makeRank } from '../learn/make-rank.ts';
import type { HouseOrder } from '../learn/rank-beside.ts';
import { readRankRows } from '../learn/rank-rows.ts';
import { RankVectors } from '../learn/rank-vectors.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { madeReply, notesOf, settingsOf, tellRead, unseenOf } from './train-frame.ts';
import { keyOf, readRows } from './train-rows.ts';
import type { MakingOrder } from './train-thread.ts';

/** What orders passages for a query. */
export async function trainRank(order: MakingOrder): Promise<MadeReply> {
  const file = readRows(order.data);
  const data = readRankRows(file.name, file.text);
  tellRead(data.pairs, 0, data.leftOut);
  const keys = RowKeys.of(data.rows.map((row) => keyOf(row.query)));
  const testFile = order.test && readRows(order.test);
  const test =
    testFile &&
    unseenOf(testFile, readRankRows(testFile.name, testFile.text).rows, (row) =>
      keys.has(keyOf(row.query)),
    );
  const { embedder, ...settings } = settingsOf(order, file, readRankModel);
  const made = await makeRank({
    ...settings,
    data,
    notes: notesOf(file, testFile),
    house,
    ...(embedder && { vectors: new RankVectors(embedder) }),
    ...(test && { test }),
  });
  return madeReply(made, keys, file, testFile);
}

/** As POST /v1/rerank orders with `auto`. */
const house: HouseOrder = ({ query, passages }, vectors) =>
  rankTexts({
    query,
    texts: passages.map((one) => one.text),
    denseWeight: DENSE_WEIGHT,
    ...(vectors && { vectors: { query: vectors.query, texts: vectors.passages } }),
  }).map((one) => one.index);
