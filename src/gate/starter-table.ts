import { anchorRate, effectiveSize, SPECIALIST, starterSize } from './prior.ts';
import type { GateSpoke } from './spoke.ts';
import { ANSWER_TOKENS, isTask, TASKS, type Task } from './task.ts';

/**
 * What was graded: `successes` of `n` requests of a task that a spoke answered right; under a model's
 * id stands what it does with a plain prompt, for spokes that were never graded themselves. The file
 * `starter-table.generated.json` has this shape and may be written anew by a benchmark; several
 * rows for one task and spoke are added up, rows for unknown tasks are refused.
 */
export interface StarterTable {
  readonly rows: readonly {
    readonly task: string;
    readonly spoke: string;
    readonly successes: number;
    readonly n: number;
    /** Mean length of its answers in tokens; absent where it was not measured. */
    readonly tokens?: number;
  }[];
  /** Where the figures come from, in words. */
  readonly source: string;
}

/**
 * Graded requests that the prior is worth. Models of one size differ by about .1 (standard
 * deviation) at a task; a Beta with that spread around .5 has 0.25 / 0.01 − 1 = 24 observations.
 */
const PRIOR_STRENGTH = 20;
/** Requests that "the anchors are right" is worth when a whole task is moved by its rows. */
const SHIFT_STRENGTH = 100;
/** Views of spokes that are kept; a farm has dozens. */
const MOST_VIEWS = 500;

interface Count {
  readonly successes: number;
  readonly n: number;
}

interface View {
  readonly modelId: string;
  readonly kind: string;
  readonly output: number | undefined;
  readonly tasks: string;
  readonly rates: ReadonlyMap<string, number>;
  readonly lengths: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * P(right | task, spoke) by empirical Bayes: (successes + strength × prior) / (n + strength). The
 * prior is the anchor for the spoke's size, moved by how far the task's graded rows lie from their
 * anchors (shrunk to 0 for few rows) — so a benchmark of the starter spokes also informs spokes
 * that were never graded. Throws RangeError for a table that cannot be true.
 */
export class SuccessTable {
  readonly #counts = new Map<string, Count>();
  readonly #tokens = new Map<string, number>();
  readonly #shifts = new Map<string, number>();
  readonly #views = new Map<string, View>();

  constructor(table: StarterTable) {
    for (const { task, spoke, successes, n, tokens } of table.rows) {
      if (!isTask(task)) throw new RangeError(`the table has a row for the unknown task ${task}`);
      if (!(successes >= 0 && n >= successes && Number.isFinite(n)))
        throw new RangeError(`${task} × ${spoke}: ${successes} of ${n} cannot be`);
      const key = `${task}/${spoke}`;
      if (tokens !== undefined) this.#tokens.set(key, tokens);
      const before = this.#counts.get(key) ?? { successes: 0, n: 0 };
      this.#counts.set(key, { successes: before.successes + successes, n: before.n + n });
    }
    for (const task of TASKS) this.#shifts.set(task, this.#shiftOf(task));
  }

  /** Rates of a spoke for every task, 0 … 1. */
  ratesOf(spoke: GateSpoke): ReadonlyMap<string, number> {
    return this.#viewOf(spoke).rates;
  }

  /** Usual length of a spoke's answer to every task, in tokens. */
  lengthsOf(spoke: GateSpoke): ReadonlyMap<string, number> {
    return this.#viewOf(spoke).lengths;
  }

  /** Graded requests of every task behind a spoke's rates. */
  countsOf(spoke: GateSpoke): ReadonlyMap<string, number> {
    return this.#viewOf(spoke).counts;
  }

  #viewOf(spoke: GateSpoke): View {
    const known = this.#views.get(spoke.id);
    const output = spoke.price?.output;
    const tasks = spoke.tasks.join();
    if (
      known?.modelId === spoke.modelId &&
      known.kind === spoke.kind &&
      known.output === output &&
      known.tasks === tasks
    )
      return known;
    const rates = new Map(TASKS.map((task) => [task, this.#rateOf(spoke, task)] as const));
    const lengths = new Map(TASKS.map((task) => [task, this.#lengthOf(spoke, task)] as const));
    if (this.#views.size >= MOST_VIEWS) this.#views.clear();
    const { modelId, kind } = spoke;
    const counts = new Map(TASKS.map((task) => [task, this.#countOf(spoke, task).n] as const));
    const view = { modelId, kind, output, tasks, rates, lengths, counts };
    this.#views.set(spoke.id, view);
    return view;
  }

  #lengthOf(spoke: GateSpoke, task: Task): number {
    const ofModel =
      spoke.kind === 'chat' ? this.#tokens.get(`${task}/${spoke.modelId}`) : undefined;
    return this.#tokens.get(`${task}/${spoke.id}`) ?? ofModel ?? ANSWER_TOKENS[task];
  }

  #countOf(spoke: GateSpoke, task: string): Count {
    const ofModel =
      spoke.kind === 'chat' ? this.#counts.get(`${task}/${spoke.modelId}`) : undefined;
    return this.#counts.get(`${task}/${spoke.id}`) ?? ofModel ?? { successes: 0, n: 0 };
  }

  #rateOf(spoke: GateSpoke, task: Task): number {
    const anchor = anchorRate(spoke.kind, effectiveSize(spoke), task);
    const isChat = spoke.kind === 'chat';
    const shift = isChat ? (this.#shifts.get(task) ?? 0) : 0;
    const bonus = isChat && spoke.tasks.includes(task) ? SPECIALIST : 0;
    const prior = Math.min(0.99, Math.max(0.005, anchor + shift + bonus));
    const { successes, n } = this.#countOf(spoke, task);
    return (successes + PRIOR_STRENGTH * prior) / (n + PRIOR_STRENGTH);
  }

  /** Mean distance of the task's graded starter spokes from their anchors. */
  #shiftOf(task: Task): number {
    let distance = 0;
    let weight = SHIFT_STRENGTH;
    for (const [key, { successes, n }] of this.#counts) {
      const [ofTask = '', spoke = ''] = key.split('/');
      const size = starterSize(spoke);
      if (ofTask !== task || size === undefined || spoke.startsWith('grounded')) continue;
      distance += successes - n * anchorRate('chat', size, task);
      weight += n;
    }
    return distance / weight;
  }
}
