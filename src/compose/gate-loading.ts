import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import type { JoinedSpoke } from '../core/gate-report.ts';
import type { GradedTable } from '../core/online-state.ts';
import type { Clock } from '../core/ports.ts';
import { readCertificate } from '../gate/certificate.ts';
import type { Estimator } from '../gate/estimator.ts';
import { createFittedEstimator } from '../gate/fitted-estimator.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import { type GateScope, gateScopeSchema, scopeOf } from '../gate/scope.ts';
import { createScopedEstimator } from '../gate/scoped-estimator.ts';
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
  if (files.has(version, SCOPE_FILE)) return loadScoped(version, parts);
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

/** Beside a gate that speaks of a part of the requests, in the place of a model. */
export const SCOPE_FILE = 'scope.json';

/** The gate that came with the farm. Without its promise the starter's table decides, as of all else. */
function loadScoped(version: number, { files, starter, clock }: LoadParts): LoadedGate {
  const text = Buffer.from(files.read(version, SCOPE_FILE)).toString();
  const scope = readScope(text, version);
  const gate = contentHash(text);
  const certified = files.has(version, 'certificate.json')
    ? Buffer.from(files.read(version, 'certificate.json')).toString()
    : undefined;
  const models = [...scope.models.keys()];
  const wish = { gate, models, reference: scope.reference, now: clock.now() };
  const reading = readCertificate(certified, wish, contentHash);
  const root = `${gate} ${contentHash(certified ?? '')}`;
  const common = { models, version, joined: [], root };
  if (!('certificate' in reading))
    return {
      ...startersTable(starter),
      ...common,
      problem: reading.problem.reason.replace(/; [^;]*$/, '; the starter’s table decides'),
    };
  const { certificate } = reading;
  const estimator = createScopedEstimator(starter, scope);
  return {
    ...common,
    estimator,
    plain: estimator,
    scope,
    certificate,
    certified: certificate,
    promises: promisesOf({ certificate, alarms: [] }, [...scope.losses.keys()]),
  };
}

function readScope(text: string, version: number): GateScope {
  try {
    return scopeOf(gateScopeSchema.parse(JSON.parse(text)));
  } catch (cause) {
    throw new CadreError('gate_damaged', `scope.json of gate ${version} cannot be read`, { cause });
  }
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
