import { type Call, MAX_DEPTH, readersOf } from '../core/call.ts';
import { lastUserText } from '../core/chat.ts';
import { RERANK_TOKENS } from '../core/config-ground.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Passage } from '../core/evidence.ts';
import { stricterLabel } from '../core/label.ts';
import type { Reading } from '../core/reading.ts';
import { readSurface } from '../gate/features.ts';
import { FACT_TASKS } from '../gate/task.ts';
import type { EvidenceRequest } from '../ground/searching.ts';
import { delegateOf } from './delegate.ts';
import type { Life } from './life.ts';
import type { Ask, PipelineParts } from './parts.ts';
import { passageReader } from './passage-reader.ts';

export interface Evidence {
  readonly collection: string;
  readonly passages: readonly Passage[];
  /** 0 … 1: how well the best passage matches the question. */
  readonly strength: number;
  /** The request named the collection: it may not be answered from anything else. */
  readonly required: boolean;
  /** Why there may be more than was found. */
  readonly warnings: readonly string[];
  /** Where it was read on after the first search. */
  readonly reading?: Reading;
}

/** Collections that `auto` searches in full on its own; more would cost more than a small answer. */
const MOST_COLLECTIONS = 5;
/** Those compared by words at once, and how long all of that may take, in milliseconds. */
const FIT_LANES = 4;
const FIT_MS = 1000;
/** Characters; a longer last message is a text to work on, not a question to look up. */
const LONGEST_QUESTION = 1500;

/** Weaker matches are of no use to the gate and would only make the label stricter. */
const WEAKEST = 0.3;
/** P(a question of fact) from which documents are looked into. */
const FACT_SHARE = 0.2;

/** The collection that a request names by `knowledge:NAME` or by its own field. */
function namedCollection(model: string, field: string | undefined): string | undefined {
  return model.startsWith('knowledge:') ? model.slice('knowledge:'.length) : field;
}

/**
 * Finds evidence for a request: in the collection it names, or, for `auto`, in the one of the
 * caller's collections that matches best. Undefined where there is nothing to look into. Without
 * `ask` no model reads what is found.
 */
export async function findEvidence(
  parts: PipelineParts,
  life: Life,
  ask?: Ask,
): Promise<Evidence | undefined> {
  const { call, signal } = life;
  const query = lastUserText(call.request.messages);
  const named = namedCollection(call.request.model, call.collection);
  if (named !== undefined) {
    const reader = readerOf(parts, life, named, ask);
    return search(parts, life, { collection: named, query, reader }, true);
  }
  if (!looksUp(parts, call, query)) return undefined;
  const visible = (await parts.knowledge.list(readersOf(call.caller))).map((row) => row.name);
  const names = await likeliest(parts, life, visible, query);
  const searches = await Promise.allSettled(
    names.map((collection) => search(parts, life, { collection, query }, false)),
  );
  signal.throwIfAborted();
  // A collection that cannot be searched now is no reason to fail a request that did not name it.
  const found = searches.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const best = found.toSorted((a, b) => b.strength - a.strength)[0];
  return best && best.strength >= WEAKEST ? best : undefined;
}

/** Where there are many, those that fit best by their words; what was not compared in time comes last. */
async function likeliest(
  { knowledge, clock }: PipelineParts,
  { call, signal }: Life,
  names: readonly string[],
  query: string,
): Promise<readonly string[]> {
  if (names.length <= MOST_COLLECTIONS) return names;
  const principals = readersOf(call.caller);
  const end = clock.elapsed() + FIT_MS;
  const fits = new Map<string, number>();
  const waiting = [...names];
  const lane = async () => {
    while (clock.elapsed() < end) {
      const collection = waiting.shift();
      if (collection === undefined) return;
      const wish = { collection, query, principals, filter: call.filter };
      fits.set(collection, await knowledge.likeness(wish, { signal }).catch(() => 0));
      signal.throwIfAborted();
    }
  };
  await Promise.all(Array.from({ length: FIT_LANES }, lane));
  const fitOf = (name: string) => fits.get(name) ?? 0;
  return names.toSorted((a, b) => fitOf(b) - fitOf(a)).slice(0, MOST_COLLECTIONS);
}

/** `auto` looks into documents when the request asks for facts and brings nothing to work on. */
function looksUp(parts: PipelineParts, call: Call, query: string): boolean {
  const { request } = call;
  if (!request.model.startsWith('auto')) return false;
  if (query === '' || query.length > LONGEST_QUESTION) return false;
  if (request.tools !== undefined || request.responseFormat !== undefined) return false;
  const { posterior, flat } = parts.gate().estimator.estimate(request, readSurface(request));
  const share = posterior.reduce(
    (sum, one) => sum + (FACT_TASKS.has(one.task) ? one.probability : 0),
    0,
  );
  return flat || share >= FACT_SHARE;
}

async function search(
  parts: PipelineParts,
  life: Life,
  wish: Pick<EvidenceRequest, 'collection' | 'query' | 'reader'>,
  required: boolean,
): Promise<Evidence> {
  const { collection } = wish;
  const found = await parts.knowledge.evidence(
    {
      ...wish,
      principals: readersOf(life.call.caller),
      filter: life.call.filter,
      tokenBudget: parts.config.ground.evidenceTokens,
      reading: readingWish(parts, life),
    },
    { signal: life.signal },
  );
  const { passages, strength, reading } = found;
  const warnings = found.warnings.map((one) => one.words);
  return { collection, passages, strength, required, warnings, ...(reading ? { reading } : {}) };
}

/** Reads what a named collection has, each passage as a request below this one. */
function readerOf(parts: PipelineParts, life: Life, collection: string, ask: Ask | undefined) {
  const { rerankBy, rerankMs } = parts.config.ground;
  const isDeep = life.call.depth + 1 >= MAX_DEPTH || life.budgetLeft <= 0;
  if (ask === undefined || isDeep || rerankMs === 0 || rerankBy === RERANK_TOKENS) return undefined;
  const own = parts.collectionLabel(collection);
  const { labelDeclared = own } = life.call;
  const delegate = delegateOf(parts, life, stricterLabel(labelDeclared, own), ask);
  const reader = passageReader(parts.config.ground, collection, (asked, signal) =>
    delegate.doAsk({ ...asked, bare: true }, { signal }),
  );
  return { ...reader, mostMs: Math.max(0, life.leftMs * TIME_SHARE) };
}

/** What was read after the first search, as events. */
export function readingEvents(evidence: Evidence | undefined): readonly CadreEvent[] {
  if (evidence?.reading === undefined) return [];
  const { steps, ended, parts } = evidence.reading;
  return [
    ...steps.map((step) => ({ type: 'reading-step' as const, step })),
    { type: 'reading-ended', ended, parts },
  ];
}

/** Share of the time left that a spoke's reading, and reading on, may each take; the answer needs the rest. */
const TIME_SHARE = 0.2;

/** How far it may be read on; undefined where one search has to do. */
function readingWish({ config }: PipelineParts, life: Life) {
  const { mode, steps, tokens } = config.ground.reading;
  const wanted = life.call.reading ?? mode;
  if (wanted === 'off') return undefined;
  return { mode: wanted, steps, tokens, ms: Math.max(0, life.leftMs * TIME_SHARE) };
}
