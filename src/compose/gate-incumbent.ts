import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { readText } from '../base/text-reading.ts';
import { toCadreError } from '../core/errors.ts';
import { type CalibrationRow, chooseAt } from '../gate/calibration-set.ts';
import { readCertificate, thresholdOf } from '../gate/certificate.ts';
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
  // A gate for other models cannot be asked about these.
  if (places.includes(-1)) return undefined;
  const reading = readCertificate(
    Buffer.from(files.read(version, 'certificate.json')).toString(),
    {
      gate: contentHash(bytes),
      models: model.success.models,
      reference: heldOut.models[heldOut.reference] ?? '',
      now,
    },
    contentHash,
  );
  if (!('certificate' in reading)) return undefined;
  const seen = marksOf(files, version);
  const fresh: { score: number; cost: number }[] = [];
  const before: { score: number; cost: number }[] = [];
  heldOut.rows.forEach((row, at) => {
    const prompt = heldOutPrompts[at] ?? '';
    if (seen.has(promptMark(prompt))) return;
    const { losses } = estimateGate(model, readText(bothEndsOf(prompt)));
    const expectedLoss = places.map((place) => losses[place] ?? Number.NaN);
    const threshold = thresholdOf({ slices }, row.slice);
    fresh.push(made(row, chooseAt(row, heldOut.reference, threshold)));
    const oldRow = { ...row, expectedLoss };
    const oldThreshold = thresholdOf(reading.certificate, row.slice);
    before.push(made(row, chooseAt(oldRow, heldOut.reference, oldThreshold)));
  });
  return compareGates(fresh, before, seed);
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
  return { score: row.scores[model] || 0, cost: row.costs[model] ?? 0 };
}

/** Prompts that a gate was fitted on, as `promptMark` knows them. */
export function marksOf(files: GateFiles, version: number): ReadonlySet<string> {
  const text = Buffer.from(files.read(version, 'fitted-prompts.json')).toString();
  return new Set(JSON.parse(text) as string[]);
}

/** Enough of a hash to know a prompt again. */
export function promptMark(prompt: string): string {
  return contentHash(prompt).slice(0, 16);
}
