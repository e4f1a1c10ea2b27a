import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { EvidenceSentence, Passage } from '../../src/core/evidence.ts';

/** What was found and said for one question, with its documents or without them. */
export interface DecliningRow {
  readonly id: string;
  readonly condition: 'present' | 'removed';
  readonly passages: readonly Passage[];
  /** P(yes) of the reading; absent where there was none. */
  readonly reading?: number;
  /** Log-probability of the answer's first token. */
  readonly confidence?: number;
  /** What the model wrote. */
  readonly text: string;
  /** Wall seconds of search, reading and answer on a shared machine. */
  readonly seconds: number;
}

type SlimSentence = Omit<
  EvidenceSentence,
  'collection' | 'documentVersion' | 'indexVersion' | 'modifiedAt' | 'title'
>;

export function readDecliningRows(...files: readonly string[]): readonly DecliningRow[] {
  const rows = new Map<string, DecliningRow>();
  for (const file of files.filter((one) => existsSync(one)))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // The last line of a run that was killed may be cut.
      if (!line.endsWith('}')) continue;
      const row = JSON.parse(line) as DecliningRow;
      const passages = row.passages.map((passage) => ({
        ...passage,
        sentences: passage.sentences.map((one) => ({
          ...one,
          collection: 'bench',
          documentVersion: 1,
        })),
      }));
      rows.set(`${row.id} ${row.condition}`, { ...row, passages });
    }
  return [...rows.values()];
}

export function printDecliningRow(row: DecliningRow): string {
  const passages = row.passages.map((passage) => ({
    ...passage,
    sentences: passage.sentences.map(slim),
  }));
  return `${JSON.stringify({ ...row, passages })}\n`;
}

export function addDecliningRow(file: string, row: DecliningRow): void {
  appendFileSync(file, printDecliningRow(row));
}

function slim(sentence: EvidenceSentence): SlimSentence {
  const { number, text, documentId, path, headings, page, line, start, end } = sentence;
  return {
    number,
    text,
    documentId,
    path,
    headings,
    ...(page === undefined ? {} : { page }),
    ...(line === undefined ? {} : { line }),
    start,
    end,
  };
}
