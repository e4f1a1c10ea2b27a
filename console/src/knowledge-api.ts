import type { CollectionStanding, DocumentText } from '../../src/core/document-text.ts';
import type { IndexProgress } from '../../src/core/index-progress.ts';
import type { SearchResult } from '../../src/core/search-result.ts';
import type { CollectionRow, DocumentRow } from '../../src/core/stores.ts';
import { deleteJson, getJson, postJson, streamJson } from './api.ts';

const BASE = '/cadre/v1/collections';
const of = (name: string) => `${BASE}/${encodeURIComponent(name)}`;

/** Where its documents lie is told to operators only. */
export type ShownCollection = Omit<CollectionRow, 'sources'> &
  Partial<Pick<CollectionRow, 'sources'>>;
/** Who may read it is told to operators only. */
export type ShownDocument = Omit<DocumentRow, 'principals'> &
  Partial<Pick<DocumentRow, 'principals'>>;

export async function loadCollections(): Promise<readonly ShownCollection[]> {
  return (await getJson<{ collections: ShownCollection[] }>(BASE)).collections;
}

export async function loadStanding(name: string): Promise<CollectionStanding> {
  return (await getJson<{ standing: CollectionStanding }>(`${of(name)}/standing`)).standing;
}

export async function loadDocuments(name: string): Promise<readonly ShownDocument[]> {
  return (await getJson<{ documents: ShownDocument[] }>(`${of(name)}/documents`)).documents;
}

export async function loadDocument(name: string, id: string): Promise<ShownDocument> {
  const path = `${of(name)}/documents/${encodeURIComponent(id)}`;
  return (await getJson<{ document: ShownDocument }>(path)).document;
}

export const loadText = (name: string, id: string, around: number) =>
  getJson<DocumentText>(`${of(name)}/documents/${encodeURIComponent(id)}/text?around=${around}`);

export interface IndexWish {
  readonly name: string;
  readonly folder: string;
  readonly watch: boolean;
}

/** It goes on until it is done or the tab is closed. */
export async function* indexFolder({ name, ...body }: IndexWish): AsyncGenerator<IndexProgress> {
  const { signal } = new AbortController();
  for await (const value of streamJson(`${of(name)}/index`, body, signal))
    yield value as IndexProgress;
}

export const dropCollection = (name: string) => deleteJson<{ dropped: boolean }>(of(name));

export interface SearchWish {
  readonly query: string;
  readonly limit: number;
  readonly filter?: object;
}

/** Notes that a result was opened; the reader opens whether that can be noted or not. */
export const noteOpening = (name: string, search: string, chunk: string) =>
  postJson<unknown>(`${of(name)}/opened`, { search, chunk }).catch(() => undefined);

export const searchCollection = (name: string, wish: SearchWish) =>
  postJson<SearchResult>(`${of(name)}/search`, wish);
