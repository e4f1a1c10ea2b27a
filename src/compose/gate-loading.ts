import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { toCadreError } from '../core/errors.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import type { JoinedSpoke } from '../core/gate-report.ts';
import type { GradedTable } from '../core/online-state.ts';
import type { Clock } from '../core/ports.ts';
import { readCertificate } from '../gate/certificate.ts';
import type { Estimator } from '../gate/estimator.ts';
import { createFittedEstimator } from '../gate/fitted-estimator.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import type { GateModel } from '../gate/success/gate-model.ts';
import { decodeGateModel } from '../gate/success/model-file.ts';
import { promisesOf } from '../gate/suspension.ts';
import { contentHash } from './content-hash.ts';
import { withJoined } from './gate-incumbent.ts';

const NOT_FITTED = ['the starter’s table promises nothing'];

/** A gate as its files tell it, and what holds of it. */
export interface LoadedGate extends GateInForce {
  /** Without what alarms say. */
  readonly plain: Estimator;
  /** Models that it was fitted on, or certified with. */
  readonly models: readonly string[];
  readonly version: number;
  /** As it was made. */
  readonly certified?: GateCertificate;
  /** The gate and its certificate, whatever joined since: what was learned is about these. */
  readonly root: string;
  readonly joined: readonly JoinedSpoke[];
  readonly promises: readonly string[];
  readonly problem?: string;
}

interface LoadParts {
  readonly files: GateFiles;
  readonly starter: Estimator;
  readonly clock: Pick<Clock, 'now'>;
  /** What was graded before. */
  readonly table: GradedTable | undefined;
}

/** A gate of the home with what joined it and what is certified of it now. Throws `gate_damaged`. */
export function loadGate(version: number, parts: LoadParts): LoadedGate {
  const { files, starter, clock, table } = parts;
  const bytes = files.read(version, 'model.bin');
  const gate = contentHash(bytes);
  const fitted = decodeGateModel(bytes);
  const { model, problem } = readJoined(files, version, fitted, gate);
  const estimator = createFittedEstimator(starter, model, table);
  const text = files.has(version, 'certificate.json')
    ? Buffer.from(files.read(version, 'certificate.json')).toString()
    : undefined;
  const reference = fitted.success.models[fitted.reference] ?? '';
  const { models } = fitted.success;
  const wish = { gate, models, reference, now: clock.now() };
  const reading = readCertificate(text, wish, contentHash);
  const known = 'certificate' in reading ? reading.certificate.models : [];
  const joined = (model.success.newcomers ?? []).map(({ id, rows }) => ({
    spoke: id,
    rows,
    isCertified: known.includes(id),
  }));
  const root = `${gate} ${contentHash(text ?? '')}`;
  const loaded = { estimator, plain: estimator, models, version, joined, root };
  if (!('certificate' in reading)) {
    const { reason } = reading.problem;
    return {
      ...loaded,
      safeSpoke: reference,
      promises: ['nothing is promised'],
      problem: problem === undefined ? reason : `${reason}; ${problem}`,
    };
  }
  const { certificate } = reading;
  return {
    ...loaded,
    certificate,
    certified: certificate,
    promises: promisesOf({ certificate, alarms: [] }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Without what joined, where that is damaged: what was certified holds all the same. */
function readJoined(
  files: GateFiles,
  version: number,
  fitted: GateModel,
  gate: string,
): { model: GateModel; problem?: string } {
  try {
    return { model: withJoined(files, version, fitted, gate) };
  } catch (thrown) {
    const { message } = toCadreError(thrown);
    return {
      model: fitted,
      problem: `${message}; it decides without them until they join again (\`cadre gate join\`)`,
    };
  }
}

export function startersTable(estimator: Estimator): LoadedGate {
  const none = { models: [], version: 0, root: '', joined: [], promises: NOT_FITTED };
  return { estimator, plain: estimator, ...none };
}
