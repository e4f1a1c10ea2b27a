import { CadreError } from '../core/errors.ts';

/** One row of a corpus in BEIR's layout. */
export interface CorpusRow {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface RetrievalQuery {
  readonly id: string;
  readonly text: string;
}

/** Judgements of one query: document id → grade > 0. */
export type Grades = ReadonlyMap<string, number>;

/** A text with the path that errors name. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

export interface RetrievalSet {
  readonly corpus: readonly CorpusRow[];
  /** Only those with a relevant document. */
  readonly queries: readonly RetrievalQuery[];
  readonly grades: ReadonlyMap<string, Grades>;
  /** What does not fit together and was left as it is; counts. */
  readonly leftOut: {
    /** Queries without a relevant document. */
    readonly unjudgedQueries: number;
    /** Queries that are judged and missing from the queries. */
    readonly unknownQueries: number;
    /** Relevant documents that are missing from the corpus: nobody can find them, they count as missed. */
    readonly unknownDocuments: number;
  };
}

/**
 * Reads a collection in BEIR's layout: documents and queries as JSON lines with `_id`, `text` and
 * perhaps `title`; judgements as `query document grade` lines, split by tabs or spaces, with or without
 * a heading, also in TREC's four columns. Throws `invalid_request` that names file, line and remedy.
 */
export function readRetrievalSet(files: {
  readonly corpus: NamedText;
  readonly queries: NamedText;
  readonly judgements: NamedText;
}): RetrievalSet {
  const corpus = readRows(files.corpus);
  const asked = readRows(files.queries);
  const judged = readJudgements(files.judgements);
  const queries = asked.filter((row) => judged.has(row.id) && row.text.trim() !== '');
  if (queries.length === 0) throw noQueries(files, asked, judged);
  const grades = new Map(queries.map(({ id }) => [id, judged.get(id) ?? new Map()]));
  const known = new Set(corpus.map((row) => row.id));
  const relevant = [...grades.values()].flatMap((row) => [...row.keys()]);
  const unknownDocuments = relevant.filter((id) => !known.has(id)).length;
  if (unknownDocuments === relevant.length)
    throw wrong(
      files.judgements.path,
      `none of its documents is in ${files.corpus.path}; the second column names documents by their _id (“${relevant[0]}” is none)`,
    );
  const ids = new Set(asked.map((row) => row.id));
  return {
    corpus,
    queries,
    grades,
    leftOut: {
      unjudgedQueries: asked.length - queries.length,
      unknownQueries: [...judged.keys()].filter((id) => !ids.has(id)).length,
      unknownDocuments,
    },
  };
}

/** Says why none of the queries is judged. */
export function noQueries(
  files: { readonly queries: NamedText; readonly judgements: NamedText },
  asked: readonly CorpusRow[],
  judged: ReadonlyMap<string, Grades>,
): CadreError {
  const [first] = judged.keys();
  if (first === undefined)
    return wrong(files.judgements.path, 'no line has a grade above 0, so nothing is to be found');
  const example = asked[0] === undefined ? '' : ` (“${first}” is not “${asked[0].id}” …)`;
  return wrong(
    files.judgements.path,
    `none of its queries is in ${files.queries.path}; the first column names queries by their _id${example}`,
  );
}

/** Rows of a corpus or queries. */
export function readRows({ path, text }: NamedText): CorpusRow[] {
  const lines = new Map<string, number>();
  const rows: CorpusRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = rowOf(line, path, index + 1);
    const before = lines.get(row.id);
    if (before !== undefined)
      throw wrong(
        path,
        `line ${index + 1}: the _id “${row.id.slice(0, 40)}” is also on line ${before}; ids are unique`,
      );
    lines.set(row.id, index + 1);
    rows.push(row);
  }
  if (rows.length === 0) throw wrong(path, 'it is empty; one JSON object per line is read');
  return rows;
}

function rowOf(line: string, path: string, number: number): CorpusRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const where = `line ${number}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(
      path,
      `${where} is not a JSON object; each line is one, like {"_id": "1", "text": "…"}`,
    );
  const { _id: id, title, text } = value as Record<string, unknown>;
  if ((typeof id !== 'string' && typeof id !== 'number') || String(id) === '')
    throw wrong(path, `${where}: “_id” is missing; it names the row by a text or a number`);
  if (typeof text !== 'string') throw wrong(path, `${where}: “text” is missing or no text`);
  return { id: String(id), title: typeof title === 'string' ? title : '', text };
}

/** Grades above 0, by query and document. */
export function readJudgements({ path, text }: NamedText): Map<string, Map<string, number>> {
  const judged = new Map<string, Map<string, number>>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const columns = line.includes('\t')
      ? line.split('\t').map((one) => one.trim())
      : line.trim().split(/\s+/);
    const [query = '', second = '', third = '', fourth] = columns;
    const [document, gradeText] = fourth === undefined ? [second, third] : [third, fourth];
    const grade = Number(gradeText);
    if (gradeText === '' || !Number.isFinite(grade)) {
      if (index === 0 && columns.length >= 3) continue;
      throw wrong(
        path,
        `line ${index + 1} is not “query document grade” with a number as grade, split by tabs`,
      );
    }
    if (grade <= 0) continue;
    const row = judged.get(query) ?? new Map<string, number>();
    judged.set(query, row.set(document, grade));
  }
  return judged;
}

function wrong(path: string, what: string): CadreError {
  return new CadreError('invalid_request', `${path}: ${what}`);
}
