import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { GateFiles } from '../adapters/stores/gate-files.ts';
import { toCadreError } from '../core/errors.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import { type GateReport, type GateStatus, gateReportSchema } from '../core/gate-report.ts';
import type { Clock } from '../core/ports.ts';
import { promiseWords, readCertificate } from '../gate/certificate.ts';
import { REST } from '../gate/certify.ts';
import { createStarterEstimator, type Estimator } from '../gate/estimator.ts';
import { createFittedEstimator } from '../gate/fitted-estimator.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import { decodeGateModel } from '../gate/success/model-file.ts';

const NOT_FITTED = ['the starter’s table promises nothing'];

interface RoomParts {
  readonly files: GateFiles;
  readonly starter: Estimator;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

interface Loaded extends GateInForce {
  readonly version: number;
  readonly promises: readonly string[];
  readonly problem?: string;
}

/**
 * The fitted gates of a home and the one that decides. Whatever is wrong with the chosen one leaves
 * the safe side in force, the starter's table or the reference, and is told.
 */
export class GateRoom {
  readonly #parts: RoomParts;
  #loaded: Loaded;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#loaded = this.#load();
  }

  get inForce(): GateInForce {
    const { certificate } = this.#loaded;
    // Its time may run out while the farm runs.
    if (certificate !== undefined && this.#parts.clock.now() >= Date.parse(certificate.expiresAt))
      this.#loaded = this.#load();
    return this.#loaded;
  }

  status(): GateStatus {
    const { version, promises, problem } = this.#loaded;
    return {
      version,
      promises,
      versions: this.#parts.files.list().map((one) => {
        const report = this.#reportOf(one);
        return { version: one, inForce: one === version, ...(report ? { report } : {}) };
      }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Puts a gate in force, 0 = the starter's table; a damaged one is refused. Throws `gate_not_found`, `gate_damaged`. */
  choose(version: number): GateStatus {
    const { files } = this.#parts;
    if (version > 0 && files.list().includes(version)) this.#read(version);
    files.choose(version === 0 ? undefined : version);
    this.#loaded = this.#load();
    return this.status();
  }

  /** The gate before the one in force, at last the starter's table. */
  rollback(): GateStatus {
    const { version } = this.#loaded;
    return this.choose(this.#parts.files.list().findLast((one) => one < version) ?? 0);
  }

  #load(): Loaded {
    const { files, starter, log } = this.#parts;
    try {
      const version = files.current();
      if (version === undefined) return { estimator: starter, version: 0, promises: NOT_FITTED };
      const loaded = this.#read(version);
      if (loaded.problem !== undefined) log(`gate ${version}: ${loaded.problem}`);
      return loaded;
    } catch (thrown) {
      const { message } = toCadreError(thrown);
      log(`the gate is not in force, the starter’s table decides: ${message}`);
      return { estimator: starter, version: 0, promises: NOT_FITTED, problem: message };
    }
  }

  #read(version: number): Loaded {
    const { files, starter, clock } = this.#parts;
    const bytes = files.read(version, 'model.bin');
    const model = decodeGateModel(bytes);
    const estimator = createFittedEstimator(starter, model);
    const text = files.has(version, 'certificate.json')
      ? Buffer.from(files.read(version, 'certificate.json')).toString()
      : undefined;
    const reading = readCertificate(
      text,
      {
        gate: hashOf(bytes),
        models: model.success.models,
        reference: model.success.models[model.reference] ?? '',
        now: clock.now(),
      },
      hashOf,
    );
    if ('certificate' in reading) {
      const { certificate } = reading;
      return { estimator, certificate, version, promises: promisesOf(certificate) };
    }
    const { reason } = reading.problem;
    return { estimator, version, promises: ['nothing is promised'], problem: reason };
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

export function openGateRoom(home: string, parts: Pick<RoomParts, 'clock' | 'log'>): GateRoom {
  const files = new GateFiles(join(home, 'gate'));
  return new GateRoom({ ...parts, files, starter: createStarterEstimator() });
}

function promisesOf(certificate: GateCertificate): string[] {
  return certificate.slices.map(({ slice }) => {
    const part = slice === REST ? 'all else' : slice;
    const words = promiseWords(certificate, slice);
    return certificate.slices.length === 1 ? words : `${part}: ${words}`;
  });
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
