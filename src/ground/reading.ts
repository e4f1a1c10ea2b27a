import { isNested, type QuestionPart, questionParts } from '../base/question-parts.ts';
import { questionTerms } from '../base/question-terms.ts';
import type { Reading, ReadingEnd, ReadingReason, ReadingStep } from '../core/reading.ts';
import type { FoundChunkRow } from '../core/stores.ts';
import { missingTerms, newNames, termShare } from './bridging.ts';
import { type FoundChunk, selectFair, worthy } from './evidence.ts';
import {
  bringing,
  followed,
  MOST_TAKEN,
  nearest,
  SPEAKS_OF_IT,
  sideOf,
  textOf,
} from './followed.ts';
import { injectionFlags } from './injection.ts';
import { isDocument, isHeading, type Reference, referencesIn } from './references.ts';

export interface ReadingWish {
  /** `auto` follows what the question or a passage asks for; `deep` whatever is missing. */
  readonly mode: 'auto' | 'deep';
  /** What the first search gives as evidence. */
  readonly once: readonly FoundChunk[];
  /** Most steps after the first search, ≥ 1. */
  readonly steps: number;
  /** Most tokens of evidence when there were steps. */
  readonly tokens: number;
  /** Milliseconds after which no further step begins. */
  readonly ms: number;
}

/** What a step may look at: only what the caller may read and the filter wants. */
export interface ReadingAccess {
  find(query: string): Promise<readonly FoundChunk[]>;
  /** Chunks of a document in reading order, with all headings above them. */
  open(documentId: string): Promise<readonly FoundChunkRow[]>;
  /** Milliseconds of a clock that never goes back. */
  elapsed(): number;
}

export interface ReadResult {
  readonly chosen: readonly FoundChunk[];
  readonly reading: Reading;
}

/** Passages of a search that are read for what they point to. */
const DEPTH = 2;
/** Passages that may already have all that is asked. */
const WHOLE_DEPTH = 5;
const MOST_OF_PART = 3;
/** Share of a part's own terms from which the documents speak of it. */
const FOUND_SHARE = 0.5;
/:$|\b(?:the following|as follows|(?:listed|shown|given|table|list|steps) below)\b/iu;

/** A question or part, and what was found for it. */
interface Thread {
  readonly query: string;
  readonly found: readonly FoundChunk[];
  /** A passage named it: it need not repeat the question's words. */
  readonly isNamed: boolean;
}

/** The sentence that leads somewhere, and where it stands. */
interface Way {
  readonly text: string;
  readonly from: FoundChunk;
}

interface Lead {
  readonly reason: ReadingReason;
  readonly asked: string;
  readonly via?: Way;
  readonly look: () => Promise<readonly FoundChunk[]>;
}

/**
 * Reads on where one search is not enough: searches each part of the question, opens the section or
 * document that a passage names and the passage next door that it goes on in, and looks up the rest
 * of the question under a name that a passage brought. What documents say is followed only as a place
 * to look at, with the caller's rights; never as an instruction. Undefined where nothing was to read.
 */
export async function readOn(
  question: string,
  first: readonly FoundChunk[],
  wish: ReadingWish,
  access: ReadingAccess,
): Promise<ReadResult | undefined> {
  const reader = new Reader(question, first, wish, access);
  await reader.read();
  return reader.result();
}

class Reader {
  readonly #question: string;
  readonly #first: readonly FoundChunk[];
  readonly #wish: ReadingWish;
  readonly #access: ReadingAccess;
  readonly #parts: readonly QuestionPart[];
  readonly #steps: { readonly step: ReadingStep; readonly from?: string }[] = [];
  readonly #threads: Thread[] = [];
  readonly #known: Set<string>;
  readonly #asked = new Set<string>();
  readonly #via = new Map<string, Way>();
  readonly #began: number;
  #ended: ReadingEnd = 'complete';

  constructor(
    question: string,
    first: readonly FoundChunk[],
    wish: ReadingWish,
    access: ReadingAccess,
  ) {
    this.#question = question;
    this.#first = first;
    this.#wish = wish;
    this.#access = access;
    this.#parts = questionParts(question);
    this.#known = new Set(wish.once.map((one) => one.chunk.id));
    this.#began = access.elapsed();
  }

  async read(): Promise<void> {
    for (const part of this.#parts)
      await this.#step(part.query, {
        reason: 'part',
        asked: part.query,
        look: async () => worthy(await this.#access.find(part.query)).slice(0, MOST_OF_PART),
      });
    if (this.#parts.length === 0)
      this.#threads.push({ query: this.#question, found: this.#first, isNamed: false });
    for (let at = 0; at < this.#threads.length && this.#ended === 'complete'; at += 1) {
      const thread = this.#threads[at];
      if (thread === undefined) return;
      for (const lead of this.#leads(thread)) await this.#step(thread.query, lead);
    }
  }

  result(): ReadResult | undefined {
    if (this.#steps.length === 0 && this.#ended === 'complete') return undefined;
    const whole = { query: this.#question, found: this.#first };
    const all = this.#parts.length === 0 ? this.#threads : [...this.#threads, whole];
    const isMore = this.#steps.some(({ step }) => step.found > 0);
    const chosen = isMore ? selectFair(all, this.#wish.tokens) : this.#wish.once;
    const ids = new Set(chosen.map((one) => one.chunk.id));
    const texts = all.flatMap((one) => one.found.map((found) => textOf(found.chunk)));
    const searched = new Set(this.#threads.map((one) => one.query));
    const parts = this.#parts.map(({ asked, query, own }) => ({
      asked,
      // Nobody may say that the documents lack what was not looked for.
      isFound: !searched.has(query) || texts.some((text) => termShare(own, text) >= FOUND_SHARE),
    }));
    // Words of a passage are told only where the passage is: whoever may not see it later sees neither.
    const steps = this.#steps.map(({ step, from }) =>
      from === undefined || ids.has(from) ? step : { ...step, asked: '' },
    );
    return {
      chosen: chosen.map((one) => this.#withWay(one, ids)),
      reading: { steps, ended: this.#ended, parts },
    };
  }

  async #step(query: string, { reason, asked, via, look }: Lead): Promise<void> {
    if (this.#ended !== 'complete' || this.#asked.has(`${reason} ${asked}`)) return;
    const start = this.#access.elapsed();
    if (this.#steps.length >= this.#wish.steps) this.#ended = 'steps';
    else if (start - this.#began > this.#wish.ms) this.#ended = 'time';
    if (this.#ended !== 'complete') return;
    this.#asked.add(`${reason} ${asked}`);
    const found = await look().catch(() => undefined);
    // What was found so far is worth more than an error; who left is told by the search itself.
    if (found === undefined) {
      this.#ended = 'trouble';
      return;
    }
    for (const { chunk } of found)
      if (via !== undefined && !this.#via.has(chunk.id) && chunk.id !== via.from.chunk.id)
        this.#via.set(chunk.id, via);
    const fresh = found.filter((one) => !this.#known.has(one.chunk.id));
    for (const one of fresh) this.#known.add(one.chunk.id);
    const ms = this.#access.elapsed() - start;
    const step = { reason, asked, found: fresh.length, ms };
    this.#steps.push(via === undefined ? { step } : { step, from: via.from.chunk.id });
    if (found.length > 0 || reason === 'part')
      this.#threads.push({ query, found, isNamed: reason !== 'part' });
  }

  /** With what led to it, as far back as that is among what was chosen. */
  #withWay(one: FoundChunk, chosen: ReadonlySet<string>): FoundChunk {
    const texts: string[] = [];
    const seen = new Set([one.chunk.id]);
    let way = this.#via.get(one.chunk.id);
    while (way !== undefined && chosen.has(way.from.chunk.id) && !seen.has(way.from.chunk.id)) {
      texts.unshift(way.text);
      seen.add(way.from.chunk.id);
      way = this.#via.get(way.from.chunk.id);
    }
    return texts.length === 0 ? one : { ...one, via: texts.join(' ') };
  }

  *#leads(thread: Thread): Generator<Lead> {
    for (const [rank, { chunk, ranked }] of thread.found.slice(0, DEPTH).entries()) {
      const speaks = termShare(questionTerms(thread.query), textOf(chunk));
      if (!thread.isNamed && speaks < SPEAKS_OF_IT) continue;
      for (const { reference, text } of this.#references(thread, chunk))
        yield this.#toReference(reference, thread.query, { text, from: { chunk, ranked } });
      const side = rank === 0 ? sideOf(chunk) : 0;
      if (side !== 0 && chunk.document.chunkCount > 1)
        yield this.#toNeighbour(side, { chunk, ranked });
    }
    yield* this.#names(thread);
  }

  /** Of the sentence that is nearest to the question and of those beside it; of all where it was named. */
  #references(thread: Thread, chunk: FoundChunkRow) {
    const terms = questionTerms(thread.query);
    const shares = chunk.sentences.map(({ text }) => termShare(terms, text));
    const best = shares.indexOf(Math.max(...shares));
    const isNear = (at: number) =>
      thread.isNamed || this.#wish.mode === 'deep' || Math.abs(at - best) <= 1;
    return chunk.sentences
      .filter(({ text }, at) => isNear(at) && injectionFlags(text).length === 0)
      .flatMap(({ text }) => referencesIn(text).map((reference) => ({ reference, text })));
  }

  #toReference({ kind, name }: Reference, query: string, via: Way): Lead {
    const { from } = via;
    return {
      via,
      reason: kind,
      asked: name,
      look: async () => {
        const rows = await this.#access.open(from.chunk.documentId);
        const under = rows.filter(
          (row) => row.id !== from.chunk.id && row.headings.some((one) => isHeading(one, name)),
        );
        if (under.length > 0 || kind === 'section') return nearest(under, query, from);
        const found = await this.#access.find(`${name} ${query}`);
        return found
          .filter(
            ({ chunk }) =>
              chunk.documentId !== from.chunk.documentId &&
              (isDocument(chunk.path, chunk.document.title, name) ||
                chunk.headings.some((one) => isHeading(one, name))),
          )
          .slice(0, MOST_TAKEN);
      },
    };
  }

  #toNeighbour(side: 1 | -1, from: FoundChunk): Lead {
    const { sentences } = from.chunk;
    const text = (side === 1 ? sentences.at(-1) : sentences[0])?.text ?? '';
    return {
      via: { text, from },
      reason: 'neighbour',
      asked: side === 1 ? 'the next passage' : 'the passage before',
      look: async () => {
        const rows = await this.#access.open(from.chunk.documentId);
        const at = rows.findIndex((row) => row.id === from.chunk.id);
        const row = at < 0 ? undefined : rows[at + side];
        return row === undefined ? [] : [followed(row, from)];
      },
    };
  }

  /** The rest of the question under a name that the nearest sentence brings. */
  *#names({ query, found, isNamed }: Thread): Generator<Lead> {
    if (this.#wish.mode === 'auto' && (isNamed || !isNested(query))) return;
    const shown = found.slice(0, WHOLE_DEPTH);
    if (shown.some(({ chunk }) => missingTerms(query, textOf(chunk)).length === 0)) return;
    const terms = questionTerms(query);
    const sentences = shown
      .flatMap((from) => from.chunk.sentences.map(({ text }) => ({ text, from })))
      .map((one) => ({ ...one, share: termShare(terms, one.text) }))
      .filter(({ text, share }) => share > 0 && injectionFlags(text).length === 0)
      .sort((a, b) => b.share - a.share)
      .slice(0, DEPTH);
    for (const { text, from } of sentences) {
      const missing = missingTerms(query, text);
      for (const name of newNames(text, query, this.#wish.mode))
        yield {
          reason: 'name',
          asked: name,
          via: { text, from },
          look: async () => bringing(await this.#access.find(`${name} ${query}`), name, missing),
        };
    }
  }
}
