import { CadreError } from '../../core/errors.ts';
import { type SpecialistManifest, versionName } from '../../core/specialist.ts';

/** Which version it is, and P(right) by the rows that it was measured on. */
export function madeOf(manifest: SpecialistManifest) {
  const { servedAccuracy, evaluationRows } = manifest.report;
  return {
    version: versionName(manifest),
    // Laplace's rule: twenty rows without a mistake are no proof of none.
    rate: (servedAccuracy * evaluationRows + 1) / (evaluationRows + 2),
    rows: evaluationRows,
  };
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
