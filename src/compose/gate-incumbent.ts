import { z } from 'zod';
import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { readText } from '../base/text-reading.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import { type CalibrationRow, chooseAt } from '../gate/calibration-set.ts';
import { type CertificateReading, readCertificate, thresholdOf } from '../gate/certificate.ts';
import { bothEndsOf } from '../gate/excerpt.ts';
import type { FittedGate } from '../gate/fit-gate.ts';
import { compareGates, type Rivalry } from '../gate/rivals.ts';
import { estimateGate, type GateModel } from '../gate/success/gate-model.ts';
import { decodeGateModel, decodeJoined } from '../gate/success/model-file.ts';
import { contentHash } from './content-hash.ts';

/** How the gate in force would have done on the held-out rows that it was not fitted on. */
export function compareWithIncumbent(
  files: GateFiles,
  fitted: FittedGate,
  { now, seed }: { readonly now: number; readonly seed: number },
): Rivalry | undefined {
  const { heldOut, heldOutPrompts, slices } = fitted;
  const found = incumbentOf(files);
  if (found === undefined) return undefined;
  const { version, bytes, model } = found;
  const places = heldOut.models.map((id) => model.success.models.indexOf(id));
  const reading = certificateInForce(files, { version, bytes, model }, now);
  // Each by its own reference; without grades of the old one nothing can be said of the old gate.
  const oldReference = heldOut.models.indexOf(model.success.models[model.reference] ?? '');
  if (!('certificate' in reading) || oldReference < 0) return undefined;
  const seen = knownMarks(files, version);
  if (seen === undefined) return undefined;
  const fresh: { score: number; cost: number }[] = [];
  const before: { score: number; cost: number }[] = [];
  heldOut.rows.forEach((row, at) => {
    const prompt = heldOutPrompts[at] ?? '';
    if (seen.has(promptMark(prompt))) return;
    const { losses } = estimateGate(model, readText(bothEndsOf(prompt)));
    // A model that the old gate does not know is none that it would choose.
    const expectedLoss = places.map((place) => losses[place] ?? Number.NaN);
    const threshold = thresholdOf({ slices }, row.slice);
    const oldThreshold = thresholdOf(reading.certificate, row.slice);
    const one = made(row, chooseAt(row, heldOut.reference, threshold));
    const other = made(row, chooseAt({ ...row, expectedLoss }, oldReference, oldThreshold));
    // What nobody graded says nothing of who is better.
    if (Number.isNaN(one.score) || Number.isNaN(other.score)) return;
    fresh.push(one);
    before.push(other);
  });
  return compareGates(fresh, before, seed);
}

type Incumbent = Exclude<ReturnType<typeof incumbentOf>, undefined>;

/** The certificate of the gate in force, or why it has none that holds. */
export function certificateInForce(
  files: GateFiles,
  { version, bytes, model }: Incumbent,
  now: number,
): CertificateReading {
  const text = files.has(version, 'certificate.json')
    ? Buffer.from(files.read(version, 'certificate.json')).toString()
    : undefined;
  const { models } = model.success;
  const reference = models[model.reference] ?? '';
  return readCertificate(text, { gate: contentHash(bytes), models, reference, now }, contentHash);
}

/** The gate in force; none where it is damaged, which is no reason to refuse a new one. */
export function incumbentOf(files: GateFiles) {
  try {
    const version = files.current();
    if (version === undefined) return undefined;
    const bytes = files.read(version, 'model.bin');
    return { version, bytes, model: decodeGateModel(bytes) };
  } catch (error) {
    if (toCadreError(error).code === 'gate_damaged') return undefined;
    throw error;
  }
}

/** Marks of the prompts that a gate was fitted on. */
const MARKS_FILE = 'fitted-prompts.json';

/** The file of the models that joined a gate without a new fit; absent where none did. */
export const JOINED_FILE = 'joined.bin';

/** A gate with the models that joined it, if any. Throws `gate_damaged`. */
export function withJoined(
  files: GateFiles,
  version: number,
  model: GateModel,
  gate: string,
): GateModel {
  if (!files.has(version, JOINED_FILE)) return model;
  return decodeJoined(files.read(version, JOINED_FILE), model, gate);
}

function made(row: CalibrationRow, model: number): { score: number; cost: number } {
  return { score: row.scores[model] ?? Number.NaN, cost: row.costs[model] ?? 0 };
}

const marksSchema = z.array(z.string().regex(/^[0-9a-f]{16}$/)).min(1);

/**
 * Prompts that a gate was fitted on, as `promptMark` knows them. Throws `gate_damaged`: without them
 * nobody knows which rows it has not seen, and no promise could be made from any.
 */
export function marksOf(files: GateFiles, version: number): ReadonlySet<string> {
  const text = Buffer.from(files.read(version, MARKS_FILE)).toString();
  try {
    return new Set(marksSchema.parse(JSON.parse(text)));
  } catch (cause) {
    const file = files.pathOf(version, MARKS_FILE);
    throw new CadreError('gate_damaged', `${file} does not tell what the gate was fitted on`, {
      cause,
    });
  }
}

/** The same; undefined where that cannot be told. */
function knownMarks(files: GateFiles, version: number): ReadonlySet<string> | undefined {
  try {
    return marksOf(files, version);
  } catch (error) {
    if (toCadreError(error).code === 'gate_damaged') return undefined;
    throw error;
  }
}

/** Enough of a hash to know a prompt again. */
export function promptMark(prompt: string): string {
  return contentHash(prompt).slice(0, 16);
}
