import { CALM } from '../base/cusum.ts';
import { toCadreError } from '../core/errors.ts';
import type { Attempt, Receipt } from '../core/receipt.ts';
import type { SpecialistWatch } from '../core/specialist-watch.ts';
import { departureAlarmOf, NO_GATE, watchDeparture } from '../learn/departure-watch.ts';
import { UNWATCHED } from '../learn/live-watch.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { earlierOf, liveSince, type StoredVersion } from '../learn/version-keeping.ts';
import type { FeedbackShare } from './feedback-share.ts';
import { isModelOf, specialistOf } from './specialist-answer.ts';
import type { SpecialistRoom } from './specialist-room.ts';

interface DepartureParts {
  readonly registry: SpecialistRegistry;
  readonly room: Pick<SpecialistRoom, 'withdraw'>;
  /** Version of the gate in force, 0 = the starter's. */
  readonly gate: () => number;
  /** No key alone may bring a version down: what it says beyond its share does not count. */
  readonly share: Pick<FeedbackShare, 'doTake'>;
  /** Groups of a key. */
  readonly principalsOf: (key: string) => Promise<readonly string[]>;
  readonly log: (line: string) => void;
}

interface Departure {
  readonly key: string;
  readonly name: string;
  readonly model: string;
  readonly at: number;
  readonly gate: number;
  readonly isGone: boolean;
}

/** What a killed process forgets at most. */
const SAVE_MS = 5000;
/** Answers that wait to be written; more within the time, or while the store fails, are not counted. */
const MOST_WAITING = 10_000;

/**
 * Watches how many answers of live specialists go on to another spoke or name no label: where they are
 * far more than usual, the version before serves again. Answers are gathered and written together, into
 * the version's row, over restarts and nodes.
 */
export class SpecialistDepartures {
  readonly #parts: DepartureParts;
  #waiting: Departure[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: DepartureParts) {
    this.#parts = parts;
  }

  /** Counts the answers of specialists in a receipt; what was shared or asked unseen says nothing. */
  learn(receipt: Receipt): void {
    if (receipt.cache !== undefined || receipt.shadow !== undefined) return;
    const gate = (receipt.route?.tasks.length ?? 0) > 0 ? this.#parts.gate() : NO_GATE;
    for (const attempt of receipt.attempts) {
      const name = specialistOf(attempt);
      if (name === undefined || !isAnswer(attempt) || this.#waiting.length >= MOST_WAITING)
        continue;
      const isGone = attempt.outcome === 'escalated' || attempt.isNone === true;
      const { key, at } = receipt;
      this.#waiting.push({ key, name, model: attempt.model, at, gate, isGone });
    }
    if (this.#waiting.length > 0)
      this.#timer ??= setTimeout(() => void this.flush(), SAVE_MS).unref();
  }

  /** Writes what was gathered. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = Map.groupBy(this.#waiting.splice(0), (one) => `${one.name} ${one.model}`);
    for (const departures of gathered.values())
      this.#writing = this.#writing
        .then(() => this.#write(departures))
        .catch((error: unknown) => this.#parts.log(`specialists: ${toCadreError(error).message}`));
    return this.#writing;
  }

  close(): Promise<void> {
    return this.flush();
  }

  async #write(departures: readonly Departure[]): Promise<void> {
    const [first] = departures;
    if (first === undefined) return;
    const versions = await this.#parts.registry.versions(first.name);
    const live = versions.find((one) => isModelOf(one, first.model));
    if (live?.body.stage !== 'live') return;
    const before = earlierOf(versions, live);
    // What it said before it was live, or when it was so last, is no word on how it does now.
    const since = liveSince(live.body) ?? 0;
    const own = await this.#counted(departures.filter((one) => one.at >= since));
    const watch = await this.#parts.registry.watch(live.row.id, (known = UNWATCHED) =>
      own.reduce((sum, one) => added(sum, one, before?.body.watch), known),
    );
    if (watch !== undefined) await this.#judge(live, watch);
  }

  async #counted(departures: readonly Departure[]): Promise<readonly Departure[]> {
    const { share, principalsOf } = this.#parts;
    const groups = new Map<string, readonly string[]>();
    const counted: Departure[] = [];
    for (const one of departures) {
      const { key, name } = one;
      const principals = groups.get(key) ?? (await principalsOf(key));
      groups.set(key, principals);
      if (await share.doTake(name, { key, principals })) counted.push(one);
    }
    return counted;
  }

  async #judge({ row, body }: StoredVersion, { chosen, named }: SpecialistWatch): Promise<void> {
    const { registry, room, log } = this.#parts;
    const alarm = [chosen, named].flatMap((one) => (one && departureAlarmOf(one)) ?? [])[0];
    if (alarm === undefined) return;
    const isBack = await room.withdraw(body.manifest, alarm);
    // What cannot be helped is said once, and again when it has gathered anew.
    if (!isBack)
      await registry.watch(row.id, (known = UNWATCHED) => ({
        ...known,
        ...(known.chosen && { chosen: { ...known.chosen, chart: CALM } }),
        ...(known.named && { named: { ...known.named, chart: CALM } }),
        alarm,
      }));
    log(
      `${row.id}: ${alarm}; ${isBack ? 'the version before serves again' : 'there is none before it'}`,
    );
  }
}

/** Once an alarm is due, what follows adds nothing until somebody has looked. */
function added(
  watch: SpecialistWatch,
  one: Departure,
  before: SpecialistWatch | undefined,
): SpecialistWatch {
  const kind = one.gate === NO_GATE ? 'named' : 'chosen';
  const known = watch[kind];
  if (known?.gate === one.gate && departureAlarmOf(known) !== undefined) return watch;
  return { ...watch, [kind]: watchDeparture(known, one, before?.[kind]) };
}

/** Second opinions, further choices and answers that never came are none. */
function isAnswer({ outcome, cause, code }: Attempt): boolean {
  const isOwn = cause !== 'choice' && cause !== 'agreement' && cause !== 'hedge';
  return isOwn && code === undefined && (outcome === 'released' || outcome === 'escalated');
}
