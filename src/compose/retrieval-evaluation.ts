import { CadreError } from '../core/errors.ts';
import type { LegName } from '../core/evidence.ts';
import type { CollectionIndex, RankedChunk } from '../ground/collection-index.ts';
import { rerank } from '../ground/rerank.ts';
import {
  type LegReport,
  measureRanking,
  type RankedQuery,
  RETRIEVAL_LEGS,
  type RetrievalLeg,
  reportLeg,
} from '../ground/retrieval-measures.ts';
import type { RetrievalQuery, RetrievalSet } from '../ground/retrieval-set.ts';
import {
  type FolderParts,
  type FolderWish,
  type OpenedFolder,
  openRetrievalFolder,
} from './retrieval-folder.ts';

/** What `cadre eval retrieval` was asked. */
export interface RetrievalWish extends FolderWish {
  /** Absent = all that can be measured here. */
  readonly legs?: readonly RetrievalLeg[];
  readonly seed: number;
}

export interface RetrievalReport {
  readonly corpus: string;
  readonly documents: number;
  readonly chunks: number;
  readonly queries: number;
  readonly leftOut: RetrievalSet['leftOut'];
  readonly legs: readonly LegReport[];
  /** Why a leg is missing that nobody asked for by name. */
  readonly missing?: string;
  readonly seed: number;
}

export interface RetrievalResult {
  readonly report: RetrievalReport;
  /** Every query of every leg. */
  readonly rows: readonly (RankedQuery & { readonly leg: string })[];
}

export interface RetrievalParts extends FolderParts {
  /** Weight of the dense leg in the hybrid one, 0 … 1. */
  readonly denseWeight: number;
}

/** Documents that recall looks at. */
const DEPTH = 100;
/** Chunks of one search, as many as each leg of the product names; more only where they hold too few documents. */
const CHUNKS = 200;
/** Enough for all of them: what a shorter time reaches depends on the machine. */
const RERANK_BUDGET_MS = 60_000;
/** Queries that are ranked before time is taken. */
const WARM_UP = 50;

/**
 * Ranks every query of a folder with the product's chunks, index and fusion. Documents count by their
 * best chunk. Throws `invalid_request` that says what is wrong with which file.
 */
export async function evaluateRetrievalFolder(
  wish: RetrievalWish,
  parts: RetrievalParts,
): Promise<RetrievalResult> {
  const wanted =
    wish.legs ??
    RETRIEVAL_LEGS.filter((leg) => leg !== 'reranked' && (!isEmbedded(leg) || parts.embedder));
  if (wanted.includes('reranked') && parts.embedder !== undefined && !parts.embedder.doMatch)
    throw new CadreError('invalid_request', 'the embedder cannot compare token by token');
  const needsVectors = wanted.some(isEmbedded);
  if (needsVectors && parts.embedder === undefined)
    throw new CadreError(
      'invalid_request',
      'no embedder is installed, so only the legs lexical and latent can be measured; `cadre pull bge-small-en-v1.5-q` installs it',
    );
  const { set, vectors, ...index } = await openRetrievalFolder(wish, {
    ...parts,
    embedder: needsVectors ? parts.embedder : undefined,
  });
  const rows: (RankedQuery & { leg: string })[] = [];
  const reports: LegReport[] = [];
  const noLatent = wanted.includes('latent') ? prepareLatent(index.index) : undefined;
  if (wish.legs !== undefined && noLatent !== undefined)
    throw new CadreError('invalid_request', `the leg latent cannot be measured: ${noLatent}`);
  const legs = wanted.filter((leg) => leg !== 'latent' || noLatent === undefined);
  for (const leg of legs) {
    const rank = (query: RetrievalQuery, at: number) =>
      rankQuery({ set, index, leg, parts }, query, vectors[at]);
    // A server has its code compiled and its postings built.
    if (leg !== 'reranked')
      for (const [at, query] of set.queries.slice(0, WARM_UP).entries()) await rank(query, at);
    const ranked: RankedQuery[] = [];
    for (const [at, query] of set.queries.entries()) ranked.push(await rank(query, at));
    rows.push(...ranked.map((row) => ({ leg, ...row })));
    reports.push(reportLeg(leg, ranked, wish.seed));
  }
  const missing =
    wish.legs === undefined && parts.embedder === undefined
      ? { missing: 'dense and hybrid: no embedder is installed' }
      : {};
  return {
    report: {
      corpus: wish.corpus,
      documents: set.corpus.length,
      chunks: index.index.chunkCount,
      queries: set.queries.length,
      leftOut: set.leftOut,
      legs: reports,
      ...missing,
      seed: wish.seed,
    },
    rows,
  };
}

/** What takes part in a leg that can be measured. */
const LEGS_OF: Record<RetrievalLeg, readonly LegName[]> = {
  lexical: ['lexical'],
  latent: ['lexical', 'latent'],
  dense: ['dense'],
  hybrid: ['lexical', 'dense'],
  reranked: ['lexical', 'dense'],
};

function isEmbedded(leg: RetrievalLeg): boolean {
  return LEGS_OF[leg].includes('dense');
}

/** What a server does behind the first search; says why there is no such leg. */
function prepareLatent(index: CollectionIndex): string | undefined {
  const probe = { query: '', limit: 1, denseWeight: 0, legs: LEGS_OF.latent };
  index.search(probe);
  const work = index.latentWork();
  while (work !== undefined && work.next().done !== true);
  return index.search(probe).missing?.reason;
}

async function rankQuery(
  order: {
    readonly set: RetrievalSet;
    readonly index: Pick<OpenedFolder, 'index' | 'chunks'>;
    readonly leg: RetrievalLeg;
    readonly parts: RetrievalParts;
  },
  query: { readonly id: string; readonly text: string },
  queryVector: Float32Array | undefined,
): Promise<RankedQuery> {
  const { index, chunks } = order.index;
  const documentOf = (chunkId: string) => chunks.get(chunkId)?.rowId ?? '';
  const search = (limit: number) =>
    index.search({
      query: query.text,
      limit,
      denseWeight: order.parts.denseWeight,
      legs: LEGS_OF[order.leg],
      ...(queryVector === undefined ? {} : { queryVector }),
    }).ranked;
  const began = process.cpuUsage();
  const found = search(CHUNKS);
  const again = order.leg === 'reranked' ? await lookAgain(found, query.text, order) : found;
  const spent = process.cpuUsage(began);
  const first = again.map((one) => documentOf(one.chunkId));
  const ranked = new Set(first);
  // What the product ranks keeps its order; recall may need to look further.
  for (let limit = CHUNKS * 4; ranked.size < DEPTH && first.length === CHUNKS; limit *= 4) {
    const more = search(limit);
    for (const one of more) ranked.add(documentOf(one.chunkId));
    if (more.length < limit) break;
  }
  const documents = [...ranked].slice(0, DEPTH);
  return {
    query: query.id,
    ...measureRanking(documents, order.set.grades.get(query.id) ?? new Map()),
    cpuMs: (spent.user + spent.system) / 1000,
    ranked: documents.slice(0, 20),
  };
}

async function lookAgain(
  ranked: readonly RankedChunk[],
  query: string,
  order: { readonly index: Pick<OpenedFolder, 'index' | 'chunks'>; readonly parts: RetrievalParts },
): Promise<RankedChunk[]> {
  const found = ranked.flatMap((one) => {
    const chunk = order.index.chunks.get(one.chunkId);
    return chunk === undefined ? [] : [{ chunk, ranked: one }];
  });
  const { embedder, signal } = order.parts;
  const options = { signal, budgetMs: RERANK_BUDGET_MS };
  return (await rerank(found, query, embedder, options)).map((one) => one.ranked);
}
