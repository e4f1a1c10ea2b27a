import type { CadreEvent } from '../../src/core/events.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ChunkRow, CollectionRow, DocumentRow, KeyRow } from '../../src/core/stores.ts';

/** The kind of store whose file belongs to one process. */
export const SOLE = 'SQLite of one owner';

/** Text that databases get wrong: NUL, a lone surrogate, astral characters, quotes. */
export const HOSTILE_TEXT = 'a\u0000b \ud800 😀 \u2028 \'"\\ \u202e';

export function sampleReceipt(id: string, change: Partial<Receipt> = {}): Receipt {
  return {
    id,
    children: [],
    depth: 0,
    at: 1_700_000_000_000,
    requestedModel: 'auto',
    key: 'loopback',
    outcome: 'answered',
    attempts: [],
    sources: [],
    checks: [],
    usage: { promptTokens: 10, cachedTokens: 0, completionTokens: 3 },
    totalMs: 12.5,
    stages: [{ stage: 'run', ms: 11.25 }],
    cost: { total: 0.000_001, reference: 0.001, referenceName: 'reference' },
    energy: { joules: 0.5, tier: 'modelled' },
    featureHashes: [3, 9],
    ledger: null,
    ...change,
  };
}

export function sampleEvents(id: string): readonly CadreEvent[] {
  return [
    { type: 'request-accepted', id, at: 1, model: HOSTILE_TEXT, depth: 0 },
    { type: 'choice-ended', choice: 0, finishReason: 'stop' },
  ];
}

export function sampleKey(id: string, change: Partial<KeyRow> = {}): KeyRow {
  return {
    id,
    name: `the key ${id}`,
    hash: id.padEnd(64, '0'),
    principals: ['public'],
    keepsText: false,
    createdAt: 1_700_000_000_000.5,
    ...change,
  };
}

export function sampleCollection(
  name: string,
  change: Partial<CollectionRow> = {},
): Omit<CollectionRow, 'version'> {
  return {
    name,
    sources: [{ kind: 'folder', folder: `/documents/${name}` }],
    watched: true,
    principals: ['public'],
    embedder: 'bge',
    ...change,
  };
}

export function sampleDocument(
  collection: string,
  id: string,
  version: number,
  change: Partial<DocumentRow> = {},
): DocumentRow {
  return {
    id,
    collection,
    path: `${id}.md`,
    type: 'md',
    version,
    bytes: 100,
    modifiedAt: 1_700_000_000_000.25,
    hash: 'f'.repeat(64),
    chunkCount: 2,
    flags: [],
    contexts: { model: 'local/tiny', version: 1, written: 1, refused: { 'too long': 1 } },
    principals: ['public'],
    metadata: {},
    ...change,
  };
}

/** `count` chunks of a document, each with its version in the text and in the embedding. */
export function sampleChunks(document: DocumentRow, count = 2): readonly ChunkRow[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${document.id}#${index}`,
    documentId: document.id,
    documentVersion: document.version,
    path: document.path,
    headings: ['Heading'],
    ...(index === 0 ? { page: 1 } : {}),
    context: index === 0 ? { key: 'k0', text: HOSTILE_TEXT } : { key: 'k1', problem: 'too long' },
    indexText: `version ${document.version} chunk ${index} ${HOSTILE_TEXT}`,
    sentences: [{ text: HOSTILE_TEXT, start: 0, end: 12, line: 1 }],
    embedding: new Float32Array([document.version, index, -0, 1.1754943508222875e-38]),
  }));
}
