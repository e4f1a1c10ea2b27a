import { LANGUAGES, type Language } from '../base/language.ts';
import type { SavedIndex, SavedSection } from '../core/index-files.ts';
import type { LexicalParts } from './term-lists.ts';
import type { VectorParts } from './vector-index.ts';
import { WordList } from './word-list.ts';

/** All that an index of a collection holds. */
export interface IndexParts {
  readonly lexical: LexicalParts;
  readonly vectors: VectorParts;
  /** By place. */
  readonly chunkIds: WordList;
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
  const ids = chunkIds.toParts();
  return {
    about: { dimensions: vectors.dimensions, languages: [...languages] },
    sections: {
      terms: toSection(lexical.terms.letters),
      termStarts: toSection(lexical.terms.starts),
      forward: toSection(lexical.forward),
      starts: toSection(lexical.starts),
      lengths: toSection(lexical.lengths),
      alive: toSection(lexical.alive),
      chunkIds: toSection(ids.letters),
      chunkIdEnds: toSection(ids.ends),
      documentIds: wordSection([...documents.keys()].join('\n')),
      documentOf: toSection(documentOf),
      scales: toSection(vectors.scales),
      centre: toSection(vectors.centre),
      rows: vectors.rows,
    },
  };
}

/** Throws where a section is missing or has another length than the rest asks for. */
export function loadIndex({ about, sections }: SavedIndex): IndexParts {
  const bytes = (name: string) => joined(sectionOf(sections, name));
  const numbers = (name: string) => new Uint32Array(bytes(name).buffer);
  const lines = (name: string) => {
    const text = readWords(sections, name);
    return text === '' ? [] : text.split('\n');
  };
  const lengths = numbers('lengths');
  const chunkIds = WordList.fromParts({ letters: bytes('chunkIds'), ends: numbers('chunkIdEnds') });
  const documentOf = numbers('documentOf');
  const scales = new Float32Array(bytes('scales').buffer);
  const counts = [chunkIds.length, documentOf.length, scales.length];
  if (counts.some((count) => count !== lengths.length))
    throw new RangeError(`${lengths.length} places, but ${counts.join(', ')} of what they have`);
  const documents = new Map(lines('documentIds').map((id): [string, number[]] => [id, []]));
  const lists = [...documents.values()];
  for (const [place, number] of documentOf.entries())
    if (number !== NO_DOCUMENT) lists[number]?.push(place);
  return {
    lexical: {
      terms: { letters: bytes('terms'), starts: numbers('termStarts') },
      forward: bytes('forward'),
      starts: numbers('starts'),
      lengths,
      alive: bytes('alive'),
    },
    vectors: {
      dimensions: Number(about['dimensions']),
      scales,
      centre: new Float32Array(bytes('centre').buffer),
      rows: sectionOf(sections, 'rows'),
    },
    chunkIds,
    documents,
    languages: languagesOf(about['languages']),
  };
}

function languagesOf(value: unknown): Language[] {
  if (!Array.isArray(value)) throw new RangeError('it does not tell its languages');
  return LANGUAGES.filter((language) => value.includes(language));
}

/** A text as a section. */
export function wordSection(text: string): SavedSection {
  return toSection(encoder.encode(text));
}

/** The text of a section. Throws where there is none. */
export function readWords(sections: SavedIndex['sections'], name: string): string {
  return decoder.decode(joined(sectionOf(sections, name)));
}

function toSection({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array | Float32Array) {
  return { bytes: byteLength, pieces: [new Uint8Array(buffer, byteOffset, byteLength)] };
}

function sectionOf(sections: SavedIndex['sections'], name: string): SavedSection {
  const found = sections[name];
  if (found === undefined) throw new RangeError(`it has no section ${name}`);
  return found;
}

/** In memory of its own. */
function joined({ bytes, pieces }: SavedSection): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
