import { CadreError } from '../../core/errors.ts';
import type { Measured, MeasuredRate } from '../../core/measured.ts';
import { type SpecialistManifest, versionName } from '../../core/specialist.ts';

/** Which version it is, and P(right) by the rows that it was measured on. */
export function madeOf(manifest: SpecialistManifest): Measured & { readonly version: string } {
  const { servedAccuracy, evaluationRows, instructions } = manifest.report;
  return {
    version: versionName(manifest),
    ...rateOf(servedAccuracy, evaluationRows),
    beside: besideOf(manifest),
    ...(manifest.kind === 'adapter' && {
      jobs: (instructions ?? []).map(({ place, length, hash, accuracy, rows }) => ({
        ...{ place, length, hash },
        ...rateOf(accuracy, rows),
      })),
    }),
  };
}

/**
 * The models that were asked some of the same rows. Of an adapter they tell of its job where all rows are
 * of that one; the generalist was shown examples, so that without them it has no more right than this.
 */
function besideOf({ kind, report }: SpecialistManifest): NonNullable<Measured['beside']> {
  const { generalist, rungs, instructions = [], evaluationRows } = report;
  if (kind === 'adapter' && instructions[0]?.rows !== evaluationRows) return [];
  const asked = generalist !== undefined && 'model' in generalist ? [generalist] : [];
  const others = asked.map(({ model, accuracy, rows }) => ({ model, ...rateOf(accuracy, rows) }));
  // Of an adapter the first rung is its base as it is.
  const [base] = rungs;
  if (base?.rows === undefined || others.some(({ model }) => model === base.rung)) return others;
  return [...others, { model: base.rung, ...rateOf(base.accuracy, base.rows) }];
}

/** Laplace's rule: twenty rows without a mistake are no proof of none. */
function rateOf(accuracy: number, rows: number): MeasuredRate {
  return { rate: (accuracy * rows + 1) / (rows + 2), rows };
}

/** Of its bytes. Throws `specialist_damaged` that says what is wrong with them. */
export function partsOf<T>(
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => T,
): T {
  try {
    return read(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError(
      'specialist_damaged',
      `${versionName(manifest)} does not serve: ${reason}`,
    );
  }
}
