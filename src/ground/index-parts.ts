import { LANGUAGES, type Language } from '../base/language.ts';
import type { SavedIndex } from '../core/ports.ts';
import type { LexicalParts } from './term-lists.ts';
import type { VectorParts } from './vector-index.ts';

/** All that an index of a collection holds. */
export interface IndexParts {
  readonly lexical: LexicalParts;
  readonly vectors: VectorParts;
  /** By place. */
  readonly chunkIds: string[];
  /** Living places by document. */
  readonly documents: Map<string, number[]>;
  /** Of the chunks. */
  readonly languages: readonly Language[];
}

const NO_DOCUMENT = 0xffffffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lists of words become lines, numbers stay as they lie in memory. */
export function saveIndex(parts: IndexParts): SavedIndex {
  const { lexical, vectors, chunkIds, documents, languages } = parts;
  const documentOf = new Uint32Array(chunkIds.length).fill(NO_DOCUMENT);
  for (const [number, places] of [...documents.values()].entries())
    for (const place of places) documentOf[place] = number;
  return {
    about: { dimensions: vectors.dimensions, languages: [...languages] },
    sections: {
      terms: [linesOf(lexical.terms)],
      forward: [lexical.forward],
      starts: [bytesOf(lexical.starts)],
      lengths: [bytesOf(lexical.lengths)],
      alive: [lexical.alive],
      chunkIds: [linesOf(chunkIds)],
      documentIds: [linesOf([...documents.keys()])],
      documentOf: [bytesOf(documentOf)],
      scales: [bytesOf(vectors.scales)],
      rows: vectors.rows,
    },
  };
}

/** Throws where a section is missing or has another length than the rest asks for. */
export function loadIndex({ about, sections }: SavedIndex): IndexParts {
  const lengths = numbersOf(sections, 'lengths');
  const chunkIds = wordsOf(sections, 'chunkIds');
  const documentIds = wordsOf(sections, 'documentIds');
  const documentOf = numbersOf(sections, 'documentOf');
  const scales = new Float32Array(numbersOf(sections, 'scales').buffer);
  const counts = [chunkIds.length, documentOf.length, scales.length];
  if (counts.some((count) => count !== lengths.length))
    throw new RangeError(`${lengths.length} places, but ${counts.join(', ')} of what they have`);
  const documents = new Map(documentIds.map((id): [string, number[]] => [id, []]));
  const lists = [...documents.values()];
  for (const [place, number] of documentOf.entries())
    if (number !== NO_DOCUMENT) lists[number]?.push(place);
  return {
    lexical: {
      terms: wordsOf(sections, 'terms'),
      forward: section(sections, 'forward'),
      starts: numbersOf(sections, 'starts'),
      lengths,
      alive: section(sections, 'alive'),
    },
    vectors: { dimensions: Number(about['dimensions']), scales, rows: sections['rows'] ?? [] },
    chunkIds,
    documents,
    languages: languagesOf(about['languages']),
  };
}

function languagesOf(value: unknown): Language[] {
  if (!Array.isArray(value)) throw new RangeError('it does not tell its languages');
  return LANGUAGES.filter((language) => value.includes(language));
}

function bytesOf(numbers: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** No word has a line break in it. */
function linesOf(words: readonly string[]): Uint8Array {
  return encoder.encode(words.join('\n'));
}

function wordsOf(sections: SavedIndex['sections'], name: string): string[] {
  const bytes = section(sections, name);
  return bytes.length === 0 ? [] : decoder.decode(bytes).split('\n');
}

function numbersOf(sections: SavedIndex['sections'], name: string): Uint32Array<ArrayBuffer> {
  const bytes = section(sections, name);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** In one piece, with memory of its own. */
function section(sections: SavedIndex['sections'], name: string): Uint8Array<ArrayBuffer> {
  const parts = sections[name];
  if (parts === undefined) throw new RangeError(`it has no section ${name}`);
  const [only] = parts;
  const isOwn = only !== undefined && parts.length === 1 && only.buffer instanceof ArrayBuffer;
  if (isOwn && only.byteLength === only.buffer.byteLength) return only as Uint8Array<ArrayBuffer>;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
