import { readPacked, type Section, writePacked } from '../../base/packed.ts';
import { vocabularyOf } from '../../base/sparse-matrix.ts';
import { READING_BITS } from '../../base/text-reading.ts';
import { CadreError } from '../../core/errors.ts';
import type { GateModel } from './gate-model.ts';
import type { SuccessModel } from './success-model.ts';

const KIND = 'gate-model';
/** Rises when an older file would be read as something else. */
const VERSION = 3;
/** Where an array of numbers stands in the header, and a number that JSON does not know. */
const ARRAY = '@';
const NUMBER = '#';

/** The model as one file; what can be worked out from the rest is left out. */
export function encodeGateModel({ reference, success, keeping }: GateModel): Uint8Array {
  const sections = new Map<string, Section>();
  const parts = { reference, success: withoutPlaces(success), keeping: withoutPlaces(keeping) };
  const header = lift(parts, sections);
  return writePacked({ kind: KIND, version: VERSION, header, sections });
}

/** Throws `gate_damaged` for a file that is cut, changed, of another kind or of another version. */
export function decodeGateModel(bytes: Uint8Array): GateModel {
  try {
    const { header, sections } = readPacked(bytes, KIND, VERSION);
    const { reference, success, keeping } = lower(header, sections) as GateModel;
    return { reference, success: withPlaces(success), keeping: withPlaces(keeping) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError('gate_damaged', `the gate’s file cannot be read: ${reason}`, {
      cause: error,
    });
  }
}

const JOINED_KIND = 'gate-joined';

/** What of a model changes when others join it. */
type Joined = Pick<SuccessModel, 'models' | 'newcomers' | 'best' | 'bestFitted'>;

function joinedOf({ models, newcomers, best, bestFitted }: SuccessModel): Joined {
  return {
    models,
    best,
    ...(newcomers ? { newcomers } : {}),
    ...(bestFitted === undefined ? {} : { bestFitted }),
  };
}

/** The models that joined the gate of a file, as a file beside it, which stays as it was certified; `gate` = its hash. */
export function encodeJoined({ success, keeping }: GateModel, gate: string): Uint8Array {
  const sections = new Map<string, Section>();
  const parts = { gate, success: joinedOf(success), keeping: joinedOf(keeping) };
  const header = lift(parts, sections);
  return writePacked({ kind: JOINED_KIND, version: VERSION, header, sections });
}

/** The gate with the models that joined it. Throws `gate_damaged`, also for another gate's file. */
export function decodeJoined(bytes: Uint8Array, model: GateModel, gate: string): GateModel {
  try {
    const { header, sections } = readPacked(bytes, JOINED_KIND, VERSION);
    const joined = lower(header, sections) as {
      readonly gate: string;
      readonly success: Joined;
      readonly keeping: Joined;
    };
    if (joined.gate !== gate) throw new RangeError('they joined another gate');
    const { reference, success, keeping } = model;
    return {
      reference,
      success: { ...success, ...joined.success },
      keeping: { ...keeping, ...joined.keeping },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError('gate_damaged', `what joined the gate cannot be read: ${reason}`, {
      cause: error,
    });
  }
}

function withoutPlaces(model: SuccessModel): object {
  const { places: _, ...vocabulary } = model.heads.vocabulary;
  return { ...model, heads: { ...model.heads, vocabulary } };
}

function withPlaces(model: SuccessModel): SuccessModel {
  const { features, weights, unknownWeight } = model.heads.vocabulary;
  const vocabulary = vocabularyOf(features, weights, unknownWeight, 1 << READING_BITS);
  return { ...model, heads: { ...model.heads, vocabulary } };
}

/** The value with its arrays of numbers in sections of their own. */
function lift(value: unknown, sections: Map<string, Section>): unknown {
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : { [NUMBER]: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const name = String(sections.size);
    sections.set(name, value as Section);
    return { [ARRAY]: name };
  }
  if (Array.isArray(value)) return value.map((one) => lift(one, sections));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, lift(one, sections)]),
  );
}

function lower(value: unknown, sections: ReadonlyMap<string, Section>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => lower(one, sections));
  const fields = value as Record<string, unknown>;
  if (NUMBER in fields) return Number(fields[NUMBER]);
  if (ARRAY in fields) {
    const section = sections.get(String(fields[ARRAY]));
    if (section === undefined) throw new RangeError(`section ${String(fields[ARRAY])} is missing`);
    return section;
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, one]) => [name, lower(one, sections)]),
  );
}
