import { readDataFile } from '../adapters/data-file.ts';
import type { WeightWish } from '../core/collection-weight.ts';
import { readJudgedQueries } from '../ground/judged-queries.ts';

/** Queries of a file with the documents that they should find. Throws `invalid_request` that names file and line. */
export function readJudgedFiles(queries: string, judgements?: string): WeightWish['judged'] {
  const named = (path: string) => ({ path, text: readDataFile(path) });
  return readJudgedQueries(
    named(queries),
    judgements === undefined ? undefined : named(judgements),
  );
}
