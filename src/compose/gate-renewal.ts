import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { CadreError } from '../core/errors.ts';
import { type GateCertificate, gateCertificateSchema } from '../core/gate-certificate.ts';
import { type CalibrationSet, chooseAt } from '../gate/calibration-set.ts';
import { thresholdOf } from '../gate/certificate.ts';
import type { LossPromise } from '../gate/certify.ts';
import type { TargetWish } from '../gate/certify-target.ts';
import { contentHash } from './content-hash.ts';
import { readDriftMemory } from './gate-drift.ts';
import { certificateInForce, incumbentOf, withJoined } from './gate-incumbent.ts';

/** What the user asks for; what he does not say of a gate that is certified anew stays as it was. */
export interface PromiseWish {
  readonly alpha?: number;
  readonly delta?: number;
  /** What is to be kept instead of `alpha`. */
  readonly target?: TargetWish;
}

const USUAL: LossPromise = { alpha: 0.05, delta: 0.1 };

/** A new promise beside the one in force. */
export interface Renewal {
  readonly isPromoted: boolean;
  readonly words: string;
}

export interface Renewed {
  readonly version: number;
  readonly bytes: Uint8Array;
  /** With what joined it. */
  readonly model: ReturnType<typeof withJoined>;
  /** As it was made, whether it still holds or not. */
  readonly certificate: GateCertificate | undefined;
}

/** The gate in force with what joined it, to be certified anew. Throws `gate_not_found`, `gate_damaged`. */
export function requireIncumbent(files: GateFiles): Renewed {
  const found = incumbentOf(files);
  if (found === undefined)
    throw new CadreError('gate_not_found', 'no fitted gate is in force that could be certified');
  const { version, bytes, model } = found;
  return {
    version,
    bytes,
    model: withJoined(files, version, model, contentHash(bytes)),
    certificate: certificateOf(files, version),
  };
}

/** The kind of promise and its figures: as wished, else as they were, else the usual ones. */
export function promiseOf(
  wish: PromiseWish,
  before: GateCertificate | undefined,
): { readonly promise: LossPromise; readonly target?: TargetWish } {
  const delta = wish.delta ?? before?.delta ?? USUAL.delta;
  const kept = wish.alpha === undefined ? before?.target : undefined;
  const target = wish.target ?? (kept && targetOf(kept));
  // Beside a target `alpha` is what was found, not what was asked for.
  const usual = before?.target === undefined ? before?.alpha : undefined;
  const promise = { alpha: wish.alpha ?? usual ?? USUAL.alpha, delta };
  return target === undefined ? { promise } : { promise, target };
}

function targetOf({ of, limit, mostPerRequest }: NonNullable<GateCertificate['target']>) {
  return { of, limit, ...(mostPerRequest === undefined ? {} : { mostPerRequest }) };
}

/** Shares that differ by less are called alike. */
const TOLERANCE = 0.01;

/**
 * The new promise takes over where none holds any more, else where it is as good: it keeps as many
 * of the same requests off the reference, or with a target loses no more within it.
 */
export function compareWithPromise(
  files: GateFiles,
  renewed: Renewed,
  { fresh, heldOut }: { readonly fresh: GateCertificate; readonly heldOut: CalibrationSet },
  now: number,
): Renewal {
  const found = incumbentOf(files);
  const reading = found && certificateInForce(files, found, now);
  if (reading === undefined || !('certificate' in reading))
    return { isPromoted: true, words: 'the promise before does not hold any more' };
  const before = reading.certificate;
  const memory = readDriftMemory(files.file('drift.json'));
  const alarms = memory?.gate === renewed.version ? memory.state.alarms : [];
  if (alarms.some(({ model }) => before.models.includes(model)))
    return { isPromoted: true, words: 'the promise before is suspended after an alarm' };
  const [kept, was] = [keptCheapOn(heldOut, fresh), keptCheapOn(heldOut, before)];
  const percent = (value: number) => `${Number((100 * value).toFixed(1))} %`;
  if (fresh.target !== undefined && before.target !== undefined) {
    const isPromoted = fresh.alpha <= before.alpha + TOLERANCE;
    const shown = `loses at most ${percent(fresh.alpha)} within its target, the promise in force ${percent(before.alpha)}`;
    return { isPromoted, words: `${isPromoted ? 'as good' : 'worse'}: ${shown}` };
  }
  const isPromoted = kept >= was - TOLERANCE && (isCheap(fresh) || !isCheap(before));
  const shown = `keeps ${percent(kept)} of ${heldOut.rows.length} new requests off the reference, the promise in force ${percent(was)}`;
  return { isPromoted, words: `${isPromoted ? 'as good' : 'worse'}: ${shown}` };
}

/** Share of the rows that stay off the reference by a promise of their gate. */
function keptCheapOn({ rows, models, reference }: CalibrationSet, made: GateCertificate): number {
  const kept = rows.filter((row) => {
    // Who joined later is under no older promise.
    const expectedLoss = models.map((id, at) =>
      made.models.includes(id) ? (row.expectedLoss[at] ?? Number.NaN) : Number.NaN,
    );
    const choice = chooseAt({ ...row, expectedLoss }, reference, thresholdOf(made, row.slice));
    return choice !== reference;
  });
  return kept.length / Math.max(1, rows.length);
}

/** Whether a promise lets anybody but the reference answer. */
function isCheap({ slices }: GateCertificate): boolean {
  return slices.some((one) => one.threshold !== null && one.keptCheap > 0);
}

function certificateOf(files: GateFiles, version: number): GateCertificate | undefined {
  if (!files.has(version, 'certificate.json')) return undefined;
  try {
    const text = Buffer.from(files.read(version, 'certificate.json')).toString();
    return gateCertificateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
