import { openTextStream } from '../adapters/sources/text-stream.ts';
import type { DataFinding, DataReport } from '../core/data-report.ts';
import { CadreError } from '../core/errors.ts';
import { lintRows } from '../learn/data-lint.ts';
import { LeakSearch } from '../learn/leaks.ts';
import { findNearRows, type NearRows } from '../learn/near-rows.ts';
import { noiseRows } from '../learn/noise-findings.ts';
import { readOtherTexts } from '../learn/other-texts.ts';
import type { RowTable } from '../learn/row-table.ts';
import { type DataWish, finish, openTable } from './data-table.ts';
import { againstFiles } from './known-sets.ts';
import { openMeasuringEmbedder } from './measuring-embedder.ts';
import { personalParts } from './personal-data.ts';

export interface ExaminationWish extends DataWish {
  readonly seed: number;
  /** Files or names of public sets. */
  readonly against: readonly string[];
  /** Are wrong labels looked for? Takes most of the time. */
  readonly noise: boolean;
  /** With the embedder beside the n-grams. */
  readonly embeddings: boolean;
}

/** Where things lie on this machine. */
export interface DataPlaces {
  readonly home: string;
  /** Folder of public data sets; absent = none. */
  readonly publicData?: string | undefined;
}

const EMBED_BATCH = 200;

/** All that is known about a set before a model learns from it. */
export async function examineData(wish: ExaminationWish, places: DataPlaces): Promise<DataReport> {
  const others = wish.against.flatMap((one) => againstFiles(one, places.publicData));
  const { table, stream, notes } = await openTable(wish);
  const near = await finish(findNearRows(table), wish.signal, (done) =>
    wish.onProgress('near-duplicates', done, table.length),
  );
  const vectors =
    wish.noise && wish.embeddings ? await vectorsOf(table, near, wish, places.home) : undefined;
  const { figures, findings } = await finish(
    lintRows({
      table,
      near,
      seed: wish.seed,
      personal: personalParts,
      noise: wish.noise,
      ...(vectors === undefined ? {} : { vectors }),
    }),
    wish.signal,
    ({ stage, done, total }) => wish.onProgress(stage, done, total),
  );
  const leaks: DataFinding[] = [];
  const compared: string[] = [];
  for (const { name, path } of others) {
    const found = await leaksOf(name, path, { table, near, hash: stream.hash }, wish);
    leaks.push(...found.findings);
    compared.push(found.note);
  }
  return {
    file: wish.file,
    hash: stream.hash,
    encoding: stream.encoding,
    notes: [...notes, ...compared],
    figures,
    findings: [...leaks, ...findings],
  };
}

async function leaksOf(
  name: string,
  path: string,
  own: { readonly table: RowTable; readonly near: NearRows; readonly hash: string },
  wish: DataWish,
): Promise<{ readonly findings: readonly DataFinding[]; readonly note: string }> {
  const other = await openTextStream(path, wish.signal);
  if (other.hash === own.hash)
    return { findings: [], note: `${name} is this very file and was not compared` };
  const search = new LeakSearch(name, own.table, own.near);
  let read = 0;
  for await (const texts of readOtherTexts(other.pieces())) {
    wish.signal.throwIfAborted();
    search.add(texts);
    read += texts.length;
    wish.onProgress(`compared with ${name}`, read, 0);
  }
  const { texts, findings } = search.end();
  return { findings, note: `compared with ${texts} texts of ${name}` };
}

async function vectorsOf(
  table: RowTable,
  near: NearRows,
  wish: ExaminationWish,
  home: string,
): Promise<Float32Array[]> {
  const embedder = openMeasuringEmbedder(home);
  if (embedder === undefined)
    throw new CadreError(
      'invalid_request',
      'no embedder is installed; `cadre pull bge-small-en-v1.5-q` installs it',
    );
  try {
    const rows = noiseRows(table, near);
    const vectors: Float32Array[] = [];
    for (let start = 0; start < rows.length; start += EMBED_BATCH) {
      const texts = rows.slice(start, start + EMBED_BATCH).map((row) => table.textOf(row));
      vectors.push(...(await embedder.doEmbed(texts, 'passage', { signal: wish.signal })));
      wish.onProgress('embedding', start, rows.length);
    }
    return vectors;
  } finally {
    await embedder.doClose();
  }
}
