import { CadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import type { PipelineParts } from '../stages/parts.ts';
import { SHIPPED_SCORER, type SupportScorer } from '../verify/support-scorer.ts';
import {
  ANSWER_LEAN,
  adaptScorer,
  LEAST_USUAL,
  tellsUsual,
  type UnjudgedReading,
} from '../verify/support-usual.ts';
import {
  hasMeaning,
  keepReadings,
  keptReadingsSchema,
  MOST_READINGS,
  type UsualReading,
  usualReading,
} from '../verify/usual-readings.ts';
import { contentHash } from './content-hash.ts';
import { type GroundingInForce, scorerHash } from './grounding-files.ts';

/** New readings from which on they are written and the scorer is made anew; fewer wait for the time. */
const BATCH = 10;
const WRITE_MS = 60_000;
/** How long a node judges by what it knows before it looks what others have added. */
const FRESH_MS = 60_000;
const TRIES = 3;
const GROUPS = 16;

interface Known {
  readonly scorer: SupportScorer;
  /** When it was read, by a clock that never goes back. */
  readonly at: number;
}

export interface ScorerParts {
  readonly store: Pick<
    Store,
    'doGetObject' | 'doAddObject' | 'doChangeObject' | 'doDeleteObject' | 'doGetCollection'
  >;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  /** Id of the embedder that is there now. */
  readonly embedder: () => string | undefined;
  readonly salt: string;
  readonly log: (line: string) => void;
}

/**
 * The scorer of each collection: the one that ships, knowing what is usual among the sentences of
 * answers from that collection. Readings (numbers alone, never text) are gathered while answers are
 * checked, and kept in the store beside the collection, in batches behind the answer.
 */
export class CollectionScorers {
  readonly #parts: ScorerParts;
  readonly #known = new Map<string, Promise<Known>>();
  readonly #waiting = new Map<string, UsualReading[]>();
  readonly #writing = new Set<Promise<void>>();
  readonly #shippedHash = scorerHash(SHIPPED_SCORER);
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ScorerParts) {
    this.#parts = parts;
  }

  /** The one that ships for a collection of which too little is known, and while the store fails. */
  async scorerOf(collection: string): Promise<SupportScorer> {
    const before = await this.#known.get(collection);
    const now = this.#parts.clock.elapsed();
    if (before !== undefined && now - before.at < FRESH_MS) return before.scorer;
    const known = this.#read(collection);
    this.#known.set(collection, known);
    return (await known).scorer;
  }

  /** Gathers what was seen of a sentence of an answer; `key` = whose answer. */
  note(collection: string, key: string, reading: UnjudgedReading): void {
    // What was read while the embedder was away is of another kind.
    if (hasMeaning(reading) !== (this.#parts.embedder() !== undefined)) return;
    if (!tellsUsual(SHIPPED_SCORER, reading)) return;
    const group = Number.parseInt(contentHash(`${this.#parts.salt} ${key}`).slice(0, 8), 16);
    const waiting = this.#waiting.get(collection) ?? [];
    this.#waiting.set(collection, waiting);
    if (waiting.length < MOST_READINGS) waiting.push(usualReading(reading, group % GROUPS));
    if (waiting.length >= BATCH) this.#write(collection);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const name of [...this.#waiting.keys()]) this.#write(name);
    }, WRITE_MS).unref();
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const name of [...this.#waiting.keys()]) this.#write(name);
    await Promise.all(this.#writing);
  }

  get #basis(): string {
    return `${this.#shippedHash} ${this.#parts.embedder() ?? 'words'}`;
  }

  async #read(collection: string): Promise<Known> {
    const at = this.#parts.clock.elapsed();
    try {
      const row = await this.#parts.store.doGetObject('usual', collection);
      return { at, scorer: scorerKnowing(collection, this.#readingsOf(row?.body)) };
    } catch (error) {
      this.#parts.log(`grounding: what is usual in ${collection} could not be read: ${error}`);
      return { at, scorer: SHIPPED_SCORER };
    }
  }

  #readingsOf(body: unknown): readonly UsualReading[] {
    const kept = keptReadingsSchema.safeParse(body);
    return kept.success && kept.data.basis === this.#basis ? kept.data.readings : [];
  }

  #write(collection: string): void {
    const added = this.#waiting.get(collection) ?? [];
    this.#waiting.delete(collection);
    const writing = this.#add(collection, added).catch((error: unknown) => {
      this.#parts.log(`grounding: what is usual in ${collection} could not be kept: ${error}`);
    });
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }

  async #add(collection: string, added: readonly UsualReading[]): Promise<void> {
    const { store, clock } = this.#parts;
    const basis = this.#basis;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const row = await store.doGetObject('usual', collection);
      const readings = keepReadings(this.#readingsOf(row?.body), added);
      const body = JSON.parse(JSON.stringify({ basis, readings }));
      const isSame = JSON.stringify(row?.body) === JSON.stringify(body);
      if (isSame) return;
      const object = {
        kind: 'usual',
        id: collection,
        key: '',
        createdAt: clock.now(),
        body,
      } as const;
      const isKept =
        row === undefined
          ? await store.doAddObject(object)
          : await store.doChangeObject(object, row.body);
      if (!isKept) continue;
      // A collection that was dropped meanwhile takes them along.
      if ((await store.doGetCollection(collection)) === undefined)
        await store.doDeleteObject('usual', collection);
      this.#known.delete(collection);
      return;
    }
    throw new CadreError('conflict', 'others were faster');
  }
}

/**
 * How the sentences of an answer are judged. Where a promise is asked or a scorer was put in force,
 * that one judges as it was measured.
 */
export function groundingPerCollection(
  inForce: () => GroundingInForce,
  scorers: CollectionScorers,
): PipelineParts['grounding'] {
  return async (about) => {
    const current = inForce();
    const isMeasured = current.promise !== undefined || current.scorer !== SHIPPED_SCORER;
    if (about === undefined || isMeasured) return current;
    const { collection, key } = about;
    return {
      ...current,
      scorer: await scorers.scorerOf(collection),
      onRead: (reading) => scorers.note(collection, key, reading),
    };
  };
}

function scorerKnowing(collection: string, readings: readonly UsualReading[]): SupportScorer {
  if (readings.length < LEAST_USUAL) return SHIPPED_SCORER;
  const knows = `what is usual in ${collection} (${readings.length} sentences)`;
  return { ...adaptScorer(SHIPPED_SCORER, readings, ANSWER_LEAN), knows };
}
