import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type Alarm,
  driftMemorySchema,
  type GradedTable,
  type OnlineState,
} from '../core/online-state.ts';
import type { FeedbackRow, Outcome } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { REST } from '../gate/certify.ts';
import type { Explore } from '../gate/context.ts';
import type { Estimator } from '../gate/estimator.ts';
import { emptyOnline, onlineColumn, WATCHED_TASKS, watchedTask } from '../gate/graded-table.ts';
import { addOnlineModel, decideOnline, learnOutcome, ONLINE_DEFAULTS } from '../gate/online.ts';
import type { GateSpoke } from '../gate/spoke.ts';
import { OTHER } from '../gate/task.ts';
import { answererOf, escalationOf, gradeOf, outcomesOf } from '../record/outcomes.ts';

interface DriftParts {
  readonly file: string;
  readonly starter: Estimator;
  readonly clock: Pick<Clock, 'now'>;
  /** What was graded before a gate was put in force. */
  readonly table: (version: number) => GradedTable | undefined;
  readonly spokeOf: (id: string) => GateSpoke | undefined;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** What a killed process forgets at most. */
const SAVE_MS = 5000;
/** Spokes that are watched at most; a farm has dozens. */
const MOST_SPOKES = 200;

/**
 * What the gate in force learns from the answers to requests that it decided: how often each spoke is
 * right in each task, and an alarm where one falls. Kept over a restart, forgotten with its gate.
 */
export class GateDrift {
  readonly #parts: DriftParts;
  #gate = 0;
  #since = 0;
  #table: GradedTable | undefined;
  #state: OnlineState = emptyOnline();
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: DriftParts) {
    this.#parts = parts;
  }

  get state(): OnlineState {
    return this.#state;
  }

  /**
   * From now on about this gate; what was learned under another one is dropped. `isSame`: only other
   * models joined or left it, so that what is known of the rest, and its alarms, stay.
   */
  begin(gate: number, { isSame = false } = {}): void {
    if (this.#since > 0 && this.#gate === gate) return;
    if (isSame && this.#since > 0) {
      this.#gate = gate;
      this.#table = this.#parts.table(gate);
      this.#save();
      return;
    }
    const kept = readDriftMemory(this.#parts.file);
    const isFirst = this.#since === 0;
    const isKept = isFirst && kept?.gate === gate;
    this.#gate = gate;
    this.#table = this.#parts.table(gate);
    this.#since = isKept ? kept.since : this.#parts.clock.now();
    this.#state = isKept ? kept.state : emptyOnline();
    // Over what the gate before left, also where a write of it is under way.
    if (!isKept && (!isFirst || kept !== undefined)) this.#save();
  }

  /** Begins anew with the gate in force, without the alarms about its spokes. */
  forget(): void {
    this.#since = this.#parts.clock.now();
    this.#state = emptyOnline();
    this.#save();
  }

  /** What the checks made of the answers; nothing for requests that named their spoke. */
  learn(receipt: Receipt): void {
    const tasks = receipt.route?.tasks;
    if (tasks === undefined || tasks.length === 0) return;
    for (const { spoke, outcome } of receipt.attempts)
      if (outcome === 'escalated') this.#learn(receipt, escalationOf(receipt, spoke));
    // Where nothing was checked the confidence is what the gate believed before.
    const { confidence, checks } = receipt;
    const spoke = answererOf(receipt);
    if (spoke !== undefined && confidence !== undefined && checks.length > 0)
      this.#learn(receipt, { spoke, source: 'verification', score: confidence });
  }

  /** What somebody said of the answer he was shown. */
  learnSaid(receipt: Receipt, feedback: readonly FeedbackRow[]): void {
    const spoke = answererOf(receipt);
    // An older answer says nothing of what changed since.
    if (spoke === undefined || receipt.at < this.#since) return;
    const grade = gradeOf(outcomesOf(receipt, feedback), spoke);
    if (grade !== undefined && (receipt.route?.tasks.length ?? 0) > 0) this.#learn(receipt, grade);
  }

  /**
   * What a spoke's answer was beside the reference's, where a fitted gate is in force: its table may
   * come from such comparisons, the starter's does not. What the reference is worth is not told by it.
   */
  learnShadow({ at, shadow }: Pick<Receipt, 'at' | 'shadow'>): void {
    if (shadow === undefined || this.#gate === 0 || at < this.#since) return;
    for (const { spoke, score } of shadow.grades)
      if (spoke !== shadow.reference) this.#count(shadow.task, spoke, score);
  }

  /** Another of the spokes than the usual one, within the share of all such decisions. */
  explore(share: number, ...[slice, spokes, usual]: Parameters<Explore>): string | undefined {
    const task = WATCHED_TASKS.indexOf(slice === REST ? OTHER : slice);
    const places = spokes.map((spoke) => this.#placeOf(spoke)).filter((place) => place >= 0);
    const asked = this.#placeOf(usual);
    if (task < 0 || asked < 0) return undefined;
    const options = { ...ONLINE_DEFAULTS, exploreShare: share };
    const decided = decideOnline(this.#state, task, places, options, Math.random, asked);
    if (decided === undefined) return undefined;
    this.#state = decided.state;
    this.#timer ??= setTimeout(() => this.#save(), SAVE_MS).unref();
    return decided.explored ? this.#state.models[decided.model] : undefined;
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#save();
    await this.#saving;
  }

  #learn(receipt: Receipt, { spoke, score }: Outcome): void {
    if (receipt.route !== undefined) this.#count(watchedTask(receipt.route.tasks), spoke, score);
  }

  #count(name: string, spoke: string, score: number): void {
    const place = this.#placeOf(spoke);
    const task = WATCHED_TASKS.indexOf(name);
    if (place < 0 || task < 0) return;
    const { alarms } = this.#state;
    const outcome = { task, model: place, score: Math.min(1, Math.max(0, score)) };
    this.#state = learnOutcome(this.#state, outcome, ONLINE_DEFAULTS);
    this.#timer ??= setTimeout(() => this.#save(), SAVE_MS).unref();
    if (this.#state.alarms === alarms) return;
    const alarm = this.#state.alarms.at(-1);
    if (alarm !== undefined) this.#parts.onAlarm(alarm);
  }

  /** −1 for a spoke that is not there any more. */
  #placeOf(id: string): number {
    const place = this.#state.models.indexOf(id);
    if (place >= 0 || this.#state.models.length >= MOST_SPOKES) return place;
    const spoke = this.#parts.spokeOf(id);
    if (spoke === undefined) return -1;
    const column = onlineColumn(spoke, this.#parts.starter, this.#table);
    this.#state = addOnlineModel(this.#state, id, column);
    return this.#state.models.length - 1;
  }

  /** Whole or not at all; a full disk costs memory of some answers, not a request. */
  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { file } = this.#parts;
    const memory = { version: 1, gate: this.#gate, since: this.#since, state: this.#state };
    const text = JSON.stringify(memory);
    this.#saving = this.#saving
      .then(() => mkdir(dirname(file), { recursive: true, mode: 0o700 }))
      .then(() => writeFile(`${file}.new`, text, { mode: 0o600 }))
      .then(() => rename(`${file}.new`, file))
      .catch(() => undefined);
  }
}

/** Undefined where it is missing or damaged: then learning begins again. */
export function readDriftMemory(file: string) {
  try {
    const { data } = driftMemorySchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    const isWhole =
      data !== undefined &&
      data.state.tasks.length === WATCHED_TASKS.length &&
      data.state.tasks.every((task, place) => task === WATCHED_TASKS[place]);
    return isWhole ? data : undefined;
  } catch {
    return undefined;
  }
}
