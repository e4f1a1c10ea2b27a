import type {
  CollectionRun,
  CollectionStanding,
  CollectionWarning,
} from '../core/document-text.ts';
import { toCadreError } from '../core/errors.ts';
import type { IndexProgress, IndexSummary } from '../core/index-progress.ts';
import type { Clock } from '../core/ports.ts';
import type { ChunkStore, CollectionRow, DocumentRow } from '../core/stores.ts';
import { collectionWarnings } from './collection-warnings.ts';
import { untilTime } from './watches.ts';

type Counts = Omit<CollectionStanding, 'running' | 'last' | 'nightlyAt' | 'warnings'>;

/** While documents are being written, counts may be so many milliseconds old. */
const COUNTS_AGE = 5000;

export interface StandingsParts {
  readonly chunks: ChunkStore;
  readonly clock: Clock;
  readonly config: { readonly nightlyAt: string };
  /** Why no further sentences about passages are written. */
  readonly contextProblem: (name: string) => string | undefined;
}

/** How collections stand: what they hold, what goes on in them, and how their last run ended. */
export class Standings {
  readonly #parts: StandingsParts;
  readonly #running = new Map<string, IndexProgress>();
  readonly #last = new Map<string, CollectionRun>();
  /** An operator's counts, by collection. */
  readonly #counts = new Map<string, Counts & { readonly version: number; readonly at: number }>();

  constructor(parts: StandingsParts) {
    this.#parts = parts;
  }

  /** Hands a run's steps on and notes them. */
  async *follow(
    name: string,
    run: AsyncGenerator<IndexProgress, IndexSummary>,
  ): AsyncGenerator<IndexProgress, IndexSummary> {
    const { clock } = this.#parts;
    const began = clock.elapsed();
    const end = (outcome: Pick<CollectionRun, 'summary' | 'problem'>) =>
      this.#last.set(name, { endedAt: clock.now(), ms: clock.elapsed() - began, ...outcome });
    this.#running.set(name, { collection: name, stage: 'listing', done: 0, total: 0 });
    try {
      for (;;) {
        const step = await run.next();
        if (step.done === true) {
          end({ summary: step.value });
          return step.value;
        }
        this.#running.set(name, step.value);
        yield step.value;
      }
    } catch (thrown) {
      end({ problem: toCadreError(thrown).message });
      throw thrown;
    } finally {
      this.#running.delete(name);
      // Whoever leaves the loop stops the run.
      const left: AsyncGenerator<IndexProgress, unknown> = run;
      await left.return(undefined);
    }
  }

  forget(name: string): void {
    for (const map of [this.#running, this.#last, this.#counts]) map.delete(name);
  }

  /** What a reader of the collection should know; in memory alone. */
  warnings(name: string, principals?: readonly string[]): readonly CollectionWarning[] {
    const [running, last] = [this.#running.get(name), this.#last.get(name)];
    return collectionWarnings(name, running, last, principals === undefined);
  }

  /** Undefined = there is no such collection; what runs is told to operators only. */
  async of(name: string, principals?: readonly string[]): Promise<CollectionStanding | undefined> {
    const { chunks, clock, config } = this.#parts;
    const row = await chunks.doGetCollection(name);
    if (row === undefined) return undefined;
    const isFollowed = row.watched && config.nightlyAt !== 'never';
    const night = isFollowed
      ? { nightlyAt: clock.now() + untilTime(config.nightlyAt, clock.now()) }
      : {};
    const warnings = this.warnings(name, principals);
    if (principals !== undefined) {
      const documents = await chunks.doListDocuments(name, principals);
      return { ...countDocuments(documents), ...contextsIn(row, documents), ...night, warnings };
    }
    const problem = this.#parts.contextProblem(name);
    const running = this.#running.get(name);
    const last = this.#last.get(name);
    const { version: _version, at: _at, contexts, ...counts } = await this.#count(row);
    return {
      ...counts,
      ...(contexts && { contexts: { ...contexts, ...(problem && { problem }) } }),
      ...night,
      warnings,
      ...(running === undefined ? {} : { running }),
      ...(last === undefined ? {} : { last }),
    };
  }

  async #count(row: CollectionRow) {
    const { name, version, context } = row;
    const { chunks, clock } = this.#parts;
    const known = this.#counts.get(name);
    const isFresh =
      known !== undefined &&
      known.contexts?.spoke === context &&
      (known.version === version ||
        (this.#running.has(name) && clock.now() - known.at < COUNTS_AGE));
    if (isFresh) return known;
    const documents = await chunks.doListDocuments(name);
    const counted = { ...countDocuments(documents), ...contextsIn(row, documents) };
    const counts = { ...counted, version, at: clock.now() };
    this.#counts.set(name, counts);
    return counts;
  }
}

function contextsIn(
  { context: spoke }: CollectionRow,
  documents: readonly DocumentRow[],
): Pick<CollectionStanding, 'contexts'> {
  if (spoke === undefined) return {};
  let written = 0;
  const refused: Record<string, number> = {};
  for (const { contexts } of documents) {
    written += contexts?.written ?? 0;
    for (const [reason, count] of Object.entries(contexts?.refused ?? {}))
      refused[reason] = (refused[reason] ?? 0) + count;
  }
  return { contexts: { spoke, written, refused } };
}

function countDocuments(rows: readonly DocumentRow[]): Counts {
  const sum = (of: (row: DocumentRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const newest = rows.reduce((latest, row) => Math.max(latest, row.modifiedAt), 0);
  const retry = rows.reduce((first, row) => Math.min(first, row.retryAt ?? first), Infinity);
  return {
    documents: rows.filter((row) => row.chunkCount > 0).length,
    problems: rows.filter((row) => row.problem !== undefined).length,
    flagged: rows.filter((row) => row.flags.length > 0).length,
    chunks: sum((row) => row.chunkCount),
    bytes: sum((row) => row.bytes),
    ...(newest > 0 ? { newestAt: newest } : {}),
    ...(Number.isFinite(retry) ? { retryAt: retry } : {}),
  };
}
