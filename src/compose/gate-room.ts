import { join } from 'node:path';
import { GateFiles } from '../adapters/stores/gate-files.ts';
import { type AnswerChecker, answerCheckerSchema } from '../core/answer-checker.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import { type GateReport, type GateStatus, gateReportSchema } from '../core/gate-report.ts';
import { type Alarm, type GradedTable, gradedTableSchema } from '../core/online-state.ts';
import type { Clock } from '../core/ports.ts';
import { heedAlarms } from '../gate/alarmed-estimator.ts';
import { createStarterEstimator, type Estimator } from '../gate/estimator.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import { alarmWords, promisesOf, suspensionWords, withoutFallen } from '../gate/suspension.ts';
import { SHIPPED_CHECKER } from '../verify/answer-checker.ts';
import { GateDrift } from './gate-drift.ts';
import { type LoadedGate, loadGate, SCOPE_FILE, startersTable } from './gate-loading.ts';
import { type FarmSpokes, withoutStrangers } from './gate-strangers.ts';
import { installStarterGate } from './starter-gate.ts';

const FALLEN = 'it fell itself, so whoever is most probable to be right does';

interface RoomParts extends FarmSpokes {
  readonly files: GateFiles;
  readonly starter: Estimator;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

/**
 * The fitted gates of a home and the one that decides. Whatever is wrong with the chosen one leaves
 * the safe side in force, the starter's table or the reference, and is told.
 */
export class GateRoom {
  readonly #parts: RoomParts;
  /** Learns from answers, and raises the alarms. */
  readonly drift: GateDrift;
  #loaded: LoadedGate;
  /** What was logged last of models that are no spokes. */
  #strangers = '';

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#loaded = this.#load();
    this.drift = new GateDrift({
      ...parts,
      file: parts.files.file('drift.json'),
      table: (version) => this.#tableOf(version),
      onAlarm: (alarm) => this.#suspend(alarm),
    });
    this.drift.begin(this.#loaded.version);
    this.#loaded = this.#suspended(this.#loaded);
  }

  get inForce(): GateInForce {
    const { certified } = this.#loaded;
    // Its time may run out while the farm runs.
    if (certified !== undefined && this.#parts.clock.now() >= Date.parse(certified.expiresAt))
      this.#loaded = this.#suspended(this.#load());
    return this.#onFarm();
  }

  /** Of the gate in force, 0 = the starter's. */
  get version(): number {
    return this.#loaded.version;
  }

  /** Spokes come and go while the gate stays. */
  #onFarm(): LoadedGate {
    const { starter, log } = this.#parts;
    const found = withoutStrangers(this.#loaded, this.#parts, starter);
    const strangers = found === this.#loaded ? '' : `gate ${found.version}: ${found.problem}`;
    if (strangers !== '' && strangers !== this.#strangers) log(strangers);
    this.#strangers = strangers;
    return found;
  }

  /** The model by which a fitted gate in force measures; undefined for the starter's table. */
  get reference(): string | undefined {
    const { certificate, suspension, safeSpoke } = this.inForce;
    return certificate?.reference ?? suspension?.certificate.reference ?? safeSpoke;
  }

  close(): Promise<void> {
    return this.drift.close();
  }

  status(): GateStatus {
    const { version, joined, promises, problem, certificate, suspension } = this.#onFarm();
    const { outcomes, alarms } = this.drift.state;
    const wordsOf = (alarm: Alarm) =>
      suspension?.certificate.models.includes(alarm.model)
        ? suspensionWords(alarm, suspension)
        : alarmWords(alarm);
    return {
      version,
      promises,
      drift: { outcomes, alarms: alarms.map(wordsOf) },
      versions: this.#parts.files.list().map((one) => {
        const report = this.#reportOf(one);
        return {
          version: one,
          inForce: one === version,
          ...(this.#parts.files.has(one, SCOPE_FILE) ? { origin: 'starter' as const } : {}),
          ...(report ? { report } : {}),
        };
      }),
      ...(joined.length === 0 ? {} : { joined }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Puts a gate in force, 0 = the starter's table; a damaged one is refused. Throws `gate_not_found`, `gate_damaged`. */
  choose(version: number): GateStatus {
    const { files } = this.#parts;
    if (version > 0 && files.list().includes(version)) this.#read(version);
    files.choose(version === 0 ? undefined : version);
    // Whoever puts the gate in force once more takes its alarms for settled.
    if (version === this.#loaded.version) this.drift.forget();
    return this.#begin();
  }

  /** What was in force before, at last the starter's table; what is damaged is passed over. */
  rollback(): GateStatus {
    const { files } = this.#parts;
    const earlier = files.earlier();
    // A home that does not remember goes by the numbers.
    const lower = files.list().filter((one) => one < chosenNumber(files));
    const ordered = earlier.length > 0 ? earlier : lower.toReversed();
    files.goBack(ordered.find((one) => one === 0 || this.#isWhole(one)) ?? 0);
    return this.#begin();
  }

  #isWhole(version: number): boolean {
    try {
      this.#read(version);
      return true;
    } catch (error) {
      if (toCadreError(error).code === 'gate_damaged') return false;
      throw error;
    }
  }

  /** What the files now say is in force. */
  #begin(): GateStatus {
    const loaded = this.#load();
    this.drift.begin(loaded.version, { isSame: loaded.root === this.#loaded.root });
    this.#loaded = this.#suspended(loaded);
    return this.status();
  }

  /** SVG text of a gate's cost–quality curve. Throws `gate_not_found`, `gate_damaged`. */
  curve(version: number): string {
    const { files } = this.#parts;
    if (!files.list().includes(version))
      throw new CadreError('gate_not_found', `there is no gate ${version}`);
    return Buffer.from(files.read(version, 'curve.svg')).toString();
  }

  #load(): LoadedGate {
    const { files, starter, log } = this.#parts;
    try {
      const version = files.current();
      if (version === undefined) return startersTable(starter);
      const loaded = this.#read(version);
      if (loaded.problem !== undefined) log(`gate ${version}: ${loaded.problem}`);
      return loaded;
    } catch (thrown) {
      const { message } = toCadreError(thrown);
      log(`the gate is not in force, the starter’s table decides: ${message}`);
      return { ...startersTable(starter), problem: message };
    }
  }

  #read(version: number): LoadedGate {
    return loadGate(version, { ...this.#parts, table: this.#tableOf(version) });
  }

  /** Without what alarms keep from being in force. */
  #suspended(read: LoadedGate): LoadedGate {
    const { drift } = this;
    const { alarms } = drift.state;
    const explore: LoadedGate['explore'] = (...where) => drift.explore(...where);
    const loaded: LoadedGate = { ...read, explore, checker: this.#checkerOf(read.version) };
    if (alarms.length === 0) return loaded;
    const { certificate: _, ...rest } = loaded;
    const { certified, models, plain } = loaded;
    const reference = certified?.reference ?? loaded.safeSpoke;
    const isFallen = alarms.some((one) => one.model === reference);
    const heeding = {
      estimator: heedAlarms(plain, () => drift.state),
      ...(isFallen ? { safeAmong: models } : {}),
    };
    if (certified === undefined && isFallen && loaded.safeAmong === undefined)
      return { ...loaded, ...heeding, problem: `${loaded.problem}; but ${FALLEN}` };
    if (certified === undefined || alarms.every((one) => !certified.models.includes(one.model)))
      return { ...loaded, ...heeding };
    const certificate = withoutFallen(certified, alarms);
    const suspension = { certificate: certified, alarms };
    const tasks = loaded.scope && [...loaded.scope.losses.keys()];
    const promises = promisesOf(suspension, tasks);
    return { ...rest, ...heeding, ...(certificate ? { certificate } : {}), suspension, promises };
  }

  #suspend(alarm: Alarm): void {
    this.#loaded = this.#suspended(this.#loaded);
    const { suspension } = this.#loaded;
    const isCertified = suspension?.certificate.models.includes(alarm.model);
    this.#parts.log(
      `gate: ${suspension && isCertified ? suspensionWords(alarm, suspension) : alarmWords(alarm)}`,
    );
  }

  /** Fitted with the gate from the owner's own graded answers; the one that ships where there is none. */
  #checkerOf(version: number): AnswerChecker {
    const { files, log } = this.#parts;
    if (version === 0 || !files.has(version, 'checker.json')) return SHIPPED_CHECKER;
    try {
      const text = Buffer.from(files.read(version, 'checker.json')).toString();
      return answerCheckerSchema.parse(JSON.parse(text));
    } catch {
      log(`gate ${version}: its answer checker is damaged, the one that ships takes its place`);
      return SHIPPED_CHECKER;
    }
  }

  /** Absent for the starter's table, and where it is damaged: then the starter's table begins. */
  #tableOf(version: number): GradedTable | undefined {
    try {
      const text = Buffer.from(this.#parts.files.read(version, 'table.json')).toString();
      return gradedTableSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  #reportOf(version: number): GateReport | undefined {
    try {
      const text = Buffer.from(this.#parts.files.read(version, 'report.json')).toString();
      return gateReportSchema.parse(JSON.parse(text));
    } catch {
      // A gate without its report still decides; the list shows that there is none.
      return undefined;
    }
  }
}

/** Above all of them where that cannot be told. */
function chosenNumber(files: GateFiles): number {
  try {
    return files.current() ?? 0;
  } catch (error) {
    if (toCadreError(error).code === 'gate_damaged') return Number.POSITIVE_INFINITY;
    throw error;
  }
}

export function openGateRoom(
  home: string,
  {
    withStarter,
    ...parts
  }: Pick<RoomParts, 'clock' | 'log' | 'spokeOf' | 'spokeIds'> & {
    /** The farm has the starter's models, and with them the gate that was fitted on them. */
    readonly withStarter: boolean;
  },
): GateRoom {
  const files = new GateFiles(join(home, 'gate'));
  files.tidy();
  if (withStarter) installStarterGate(files, parts.log);
  return new GateRoom({ ...parts, files, starter: createStarterEstimator() });
}
