import type { EvidenceSentence, Passage } from '../../src/core/evidence.ts';

/** A place in a document that somebody was shown, and what stood there then. */
export interface CitedPlace {
  readonly start: number;
  readonly end: number;
  /** Version of the document; undefined = whatever it is now. */
  readonly version: number | undefined;
  readonly words: string;
}

const LONGEST_WORDS = 1000;

/** Address of the page that opens the document with the sentence marked. */
export function sentenceHref(sentence: EvidenceSentence): string {
  const { collection, documentId, documentVersion, start, end, text } = sentence;
  return placeHref(collection, documentId, { start, end, version: documentVersion, words: text });
}

/** The same for all sentences of a passage. */
export function passageHref({ sentences }: Passage): string | undefined {
  const [first] = sentences;
  const last = sentences.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const words = sentences.map((one) => one.text).join(' ');
  return placeHref(first.collection, first.documentId, {
    start: first.start,
    end: last.end,
    version: first.documentVersion,
    words,
  });
}

/** The words go behind the #, which no browser sends to the farm. */
function placeHref(collection: string, document: string, place: CitedPlace): string {
  const query = new URLSearchParams({ start: String(place.start), end: String(place.end) });
  if (place.version !== undefined) query.set('version', String(place.version));
  const words = encodeURIComponent(place.words.slice(0, LONGEST_WORDS).toWellFormed());
  return `${documentHref(collection, document)}?${query}#${words}`;
}

export function documentHref(collection: string, document?: string): string {
  const below = document === undefined ? '' : `/${encodeURIComponent(document)}`;
  return `/documents/${encodeURIComponent(collection)}${below}`;
}

/** Undefined where the address names none. */
export function readCitedPlace(query: URLSearchParams, fragment: string): CitedPlace | undefined {
  const [start, end] = ['start', 'end'].map((name) => wholeNumber(query.get(name)));
  if (start === undefined || end === undefined || start >= end) return undefined;
  return { start, end, version: wholeNumber(query.get('version')), words: fragment };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
