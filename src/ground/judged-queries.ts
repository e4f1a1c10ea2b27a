import { MOST_JUDGED, type WeightWish } from '../core/collection-weight.ts';
import { CadreError } from '../core/errors.ts';
import { type NamedText, noQueries, readJudgements, readRows } from './retrieval-set.ts';

type Judged = WeightWish['judged'];

/**
 * Queries with the documents that they should find: BEIR's queries with judgements, or without these
 * one JSON object per line, `{"query": "…", "document": "PATH"}`, lines of one query together. Throws
 * `invalid_request` that names file and line.
 */
export function readJudgedQueries(queries: NamedText, judgements?: NamedText): Judged {
  const judged = judgements === undefined ? readPairs(queries) : join(queries, judgements);
  if (judged.length === 0)
    throw wrong(judgements ?? queries, 'it names no document that a query should find');
  if (judged.length > MOST_JUDGED)
    throw wrong(queries, `it has ${judged.length} queries; one fit takes ${MOST_JUDGED}`);
  return judged;
}

function join(queries: NamedText, judgements: NamedText): Judged {
  const grades = readJudgements(judgements);
  const rows = readRows(queries);
  if (!rows.some(({ id }) => grades.has(id)))
    throw noQueries({ queries, judgements }, rows, grades);
  return rows.flatMap(({ id, text }) => {
    const documents = grades.get(id);
    if (documents === undefined || text.trim() === '') return [];
    return [{ query: text, documents: Object.fromEntries(documents) }];
  });
}

function readPairs(queries: NamedText): Judged {
  const judged = new Map<string, Record<string, number>>();
  for (const [at, line] of queries.text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const { query, document } = pairOf(line);
    if (typeof query !== 'string' || query.trim() === '' || typeof document !== 'string')
      throw wrong(
        queries,
        `line ${at + 1} is not {"query": "…", "document": "PATH"}; queries in BEIR’s layout need --qrels`,
      );
    judged.set(query, { ...judged.get(query), [document]: 1 });
  }
  return [...judged].map(([query, documents]) => ({ query, documents }));
}

function pairOf(line: string): { readonly query?: unknown; readonly document?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function wrong({ path }: NamedText, what: string): CadreError {
  return new CadreError('invalid_request', `${path}: ${what}`);
}
