import type { SpecialistKind, SpecialistManifest, SpecialistStage } from './specialist.ts';

/** Which version of a specialist answered a request, and what taught it. */
export type AnswerOrigin = {
  /** NAME@VERSION. */
  readonly specialist: string;
  readonly kind: SpecialistKind;
  /** Where the version stands now. */
  readonly stage: SpecialistStage;
  readonly parent: number | null;
  /** The job that made it; milliseconds since the epoch; version of Cadre. */
  readonly job: string;
  readonly madeAt: number;
  readonly code: string;
  readonly seed: number;
  /** Rows that it was made from. */
  readonly rows: number;
  /** The name is empty for who neither made it nor is an operator. */
  readonly data: SpecialistManifest['data'];
  /** SHA-256 of the keys of its rows: the rows themselves are not kept with it. */
  readonly taughtHash: string;
};
