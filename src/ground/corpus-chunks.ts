import type { Block } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';
import { toChunks } from './chunks.ts';
import type { CorpusRow } from './retrieval-set.ts';

/** Lines that a text must have before it can be taken for code. */
const CODE_LINES = 3;
const CODE_LINE =
  /[{};()[\],]\s*$|^(?: {4}|\t)|^\s*(?:\/\/|\/\*|\*|@|#\[|#include|import |from |def |class )/;

/** A chunk of a corpus with the row that it was cut from. */
export interface CorpusChunk extends ChunkRow {
  readonly rowId: string;
}

/**
 * Rows of a corpus as chunks, cut as the product cuts documents with that text. Rows whose ids are
 * `NAME_chunk_0`, `NAME_chunk_1` … are pieces of one document, which is then the chunks' document.
 */
export function chunkCorpus(
  corpus: readonly CorpusRow[],
  hash: (text: string) => string,
): CorpusChunk[] {
  return corpus.flatMap(({ id, title, text }) => {
    const headings = title !== '' && !text.startsWith(title) ? [title] : [];
    const kind: Block['kind'] = isCode(text) ? 'code' : 'paragraph';
    const block: Block = { kind, text, start: 0, end: text.length, headings };
    const origin = { documentId: id, version: 1, path: '', hash };
    const documentId = id.replace(/_chunk_\d+$/, '');
    const { chunks } = toChunks({ text, blocks: [block] }, origin);
    return chunks.map((chunk) => ({ ...chunk, documentId, rowId: id }));
  });
}

/** A corpus does not tell what its texts are: code is what has mostly lines that look like it. */
function isCode(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < CODE_LINES) return false;
  const like = lines.filter((line) => CODE_LINE.test(line)).length;
  return 2 * like >= lines.length;
}
