import { type SpecialistManifest, type SpecialistMove, versionName } from '../core/specialist.ts';

/** Whether a version may take a place, and what is kept of it in the lineage. */
export interface Promotion {
  readonly verdict: NonNullable<SpecialistMove['verdict']>;
  readonly passes: boolean;
  /** Why, in words. */
  readonly words: string;
}

/** By its comparison with the version that is live now, which may not be the one of its making. */
export function promotionOf(
  { report: { comparison } }: SpecialistManifest,
  live: SpecialistManifest | undefined,
): Promotion {
  if (live === undefined) {
    const words = 'no version serves: nothing is replaced';
    return { verdict: 'not-compared', passes: true, words };
  }
  if (comparison === null || comparison.version !== live.version) {
    const beside = comparison === null ? 'with none' : `with version ${comparison.version}`;
    const words = `it was not compared with ${versionName(live)}, which serves, but ${beside}; train it again to compare them`;
    return { verdict: 'not-compared', passes: false, words };
  }
  const { verdict, passes, reasons } = comparison;
  return { verdict, passes, words: reasons.join('; ') };
}
