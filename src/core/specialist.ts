import { keyPrincipal } from './access.ts';
import type { Caller } from './call.ts';
import type { CanaryTrial } from './canary.ts';
import type { CandidateShadow } from './candidate-shadow.ts';
import type { Described } from './description.ts';
import type { FieldReport } from './field-report.ts';
import type { GeneralistReport } from './generalist.ts';
import type { GradeReport } from './grade-report.ts';
import type { InstructionReport } from './instruction.ts';
import type { LabelSource } from './labelling.ts';
import type { RankReport } from './rank-report.ts';
import type { Receipt } from './receipt.ts';
import type { SpecialistWatch } from './specialist-watch.ts';
import type { PromotionVerdict, VersionComparison } from './version-comparison.ts';

/**
 * What a specialist does: it sorts texts into labels, finds fields in them, gives them a number, orders
 * passages for a query, or adapts a local model.
 */
export const SPECIALIST_KINDS = ['intents', 'extract', 'score', 'rank', 'adapter'] as const;
export type SpecialistKind = (typeof SPECIALIST_KINDS)[number];

/** `making`: its content is being written; it counts from `candidate` on. */
export type SpecialistStage = 'making' | 'candidate' | 'shadow' | 'canary' | 'live' | 'retired';

/** Stages in which it can be asked for by NAME@VERSION. */
export const SERVED_STAGES: ReadonlySet<SpecialistStage> = new Set([
  'candidate',
  'shadow',
  'canary',
  'live',
]);

/** Evaluation rows from which a figure is more than a hint. */
export const EVALUATION_ROWS = 1000;

/** One rung of the ladder that was tried. */
export type RungReport = {
  /** `n-grams`, `ensemble` … */
  readonly rung: string;
  /** Share right on rows that it had not seen, with its 95 % interval. */
  readonly accuracy: number;
  readonly accuracyLow: number;
  readonly accuracyHigh: number;
  /** Where they are fewer than the report's. */
  readonly rows?: number;
  readonly bytes: number;
  /** CPU milliseconds of one request, the embedder's included. */
  readonly msPerRequest: number;
};

/** Rows that taught nothing, and why. */
export type LeftOut = {
  readonly reason: string;
  readonly count: number;
  /** Some of them, cut to a line. */
  readonly samples: readonly string[];
};

/** What was measured of a specialist when it was made. */
export type SpecialistReport = {
  readonly rows: number;
  readonly labels: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** What a person should look at, in words. */
  readonly warnings: readonly string[];
  /** Rows of the training data that the measured model had not seen, or a file of their own. */
  readonly measuredOn: 'held-out' | 'test';
  readonly evaluationRows: number;
  readonly accuracy: number;
  readonly accuracyLow: number;
  readonly accuracyHigh: number;
  /** Share of the evaluation rows that get a label and not `none of these`. */
  readonly answeredShare: number;
  /** Share that gets the right label; `accuracy` counts the best label of the others too. */
  readonly servedAccuracy: number;
  /** Expected calibration error, 0 … 1. */
  readonly calibrationError: number;
  /** Area under the curve that tells texts of its labels from others, 0 … 1. */
  readonly outOfScopeArea: number;
  /** Difference to another model that under 1,000 rows show with 80 % probability; else null. */
  readonly detectableGap: number | null;
  readonly rung: string;
  readonly rungs: readonly RungReport[];
  readonly bytes: number;
  /** CPU milliseconds of one request. */
  readonly msPerRequest: number;
  /** Joules of one request, modelled: busy CPU seconds × watts of a busy core. */
  readonly joules?: number;
  readonly comparison: VersionComparison | null;
  /** Where it was to be asked. */
  readonly generalist?: GeneralistReport;
  /** Of the kind `extract` alone; there a row is right where all its spans are. */
  readonly fields?: readonly FieldReport[];
  /** Of the kind `score` alone; there a row is right where the number is within the tolerance. */
  readonly grades?: GradeReport;
  /** Of the kind `adapter` alone: what its rows ask for, as far as they say so in the same words. */
  readonly instructions?: readonly InstructionReport[];
  /** Of the kind `rank` alone; there a query is right where its first passage is relevant. */
  readonly ranking?: RankReport;
};

/** What a specialist was made from and with; signed by the home that made it. */
export type SpecialistManifest = {
  readonly name: string;
  readonly version: number;
  readonly kind: SpecialistKind;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  /** Version of Cadre. */
  readonly code: string;
  readonly seed: number;
  /** The version that was live when it was made. */
  readonly parent: number | null;
  /** The job that made it. */
  readonly job: string;
  readonly data: {
    /** SHA-256 of the file's bytes, hex. */
    readonly hash: string;
    readonly name: string;
    readonly provenance: 'file' | 'upload' | 'traffic' | 'description';
    readonly described?: Described;
    /** Of traffic: rows by who said their label. */
    readonly sources?: Readonly<Partial<Record<LabelSource, number>>>;
    readonly testHash: string | null;
  };
  /**
   * Of a LoRA adapter alone, whose content is its GGUF file: the model of the catalogue that it
   * changes, and SHA-256 of that model's file, hex. It is served by that model with it.
   */
  readonly base?: { readonly model: string; readonly hash: string };
  /** SHA-256 of the model's bytes, hex. */
  readonly contentHash: string;
  /** SHA-256 of the keys of the rows that it was taught, hex. */
  readonly taughtHash: string;
  readonly report: SpecialistReport;
};

/** One step of its life. */
export type SpecialistMove = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: SpecialistStage;
  readonly to: SpecialistStage;
  readonly act: 'made' | 'shadowed' | 'tried' | 'promoted' | 'replaced' | 'rolled-back' | 'retired';
  /** Id of the key that moved it; `farm` = the farm did by itself. */
  readonly by: string;
  readonly reason: string;
  /** What the comparison with the version that served said when it was promoted. */
  readonly verdict?: PromotionVerdict | 'not-compared';
  /** Somebody promoted it against that. */
  readonly isForced?: true;
};

/** What its row in the store holds; the row's content is the model. */
export type SpecialistBody = {
  readonly manifest: SpecialistManifest;
  readonly signature: {
    /** The key that signed it: SHA-256 of the public key, hex, and that key, base64 of its SPKI. */
    readonly keyId: string;
    readonly publicKey: string;
    /** Base64. */
    readonly value: string;
  };
  readonly stage: SpecialistStage;
  readonly moves: readonly SpecialistMove[];
  /** Only the key that made it and operators may use it and see it, until an operator promotes it. */
  readonly isPrivate?: true;
  /** Its row and manifest stay, its model was deleted to make room: it serves no more. */
  readonly bytesGone?: true;
  /** In the stage `shadow`. */
  readonly shadow?: CandidateShadow;
  /** In the stage `canary`. */
  readonly trial?: CanaryTrial;
  /** What became of its answers since it is live; absent = nothing yet. */
  readonly watch?: SpecialistWatch;
};

/** A version as people and programs see it. */
export interface SpecialistVersion extends SpecialistBody {
  /** Id of the key that made it. */
  readonly key: string;
  /** How it stands in the stage `shadow`, in words. */
  readonly standing?: string;
  /** Why it does not serve though it should, in words. */
  readonly problem?: string;
}

/** All versions of a name, newest first. */
export interface SpecialistLineage {
  readonly name: string;
  readonly live: number | null;
  readonly versions: readonly SpecialistVersion[];
}

/** Signs and verifies what the home makes. */
export interface Signer {
  readonly keyId: string;
  readonly publicKey: string;
  /** Base64 of the Ed25519 signature. */
  sign(text: string): string;
  /** Whether the key that is named made this signature. */
  verify(text: string, signature: SpecialistBody['signature']): boolean;
}

/** The registry as the server and the console see it. */
export interface Specialists {
  /** What one of the principals may use; undefined = all. */
  list(principals?: readonly string[]): Promise<readonly SpecialistLineage[]>;
  /** Rejects with `model_not_found`. */
  lineage(name: string, principals?: readonly string[]): Promise<SpecialistLineage>;
  /** The version whose answer was shown; undefined where none, or none that one of them may see. */
  answered(
    receipt: Receipt,
    principals?: readonly string[],
  ): Promise<SpecialistVersion | undefined>;
  /**
   * Puts a version in the place of the live one, for every key; the newest candidate where none is
   * named. Rejects with `conflict` where it did not pass beside the live one, unless it is forced.
   */
  promote(
    move: SpecialistWish & {
      readonly force?: boolean | undefined;
      /** It answers a small share of the requests first, and callers' grades decide. */
      readonly canary?: boolean | undefined;
      /** It answers what the live one has answered too, unseen, until somebody decides. */
      readonly shadow?: boolean | undefined;
    },
  ): Promise<SpecialistLineage>;
  /** Back to the version that was live before. */
  rollback(move: Omit<SpecialistWish, 'version'>): Promise<SpecialistLineage>;
  /** Takes a version out of service, or the whole name. */
  retire(move: SpecialistWish): Promise<SpecialistLineage>;
}

export interface SpecialistWish {
  readonly name: string;
  readonly version?: number | undefined;
  readonly caller: Caller;
  readonly reason?: string | undefined;
}

/** NAME@VERSION. */
export function versionName(manifest: Pick<SpecialistManifest, 'name' | 'version'>): string {
  return `${manifest.name}@${manifest.version}`;
}

/** Of a specialist's version; names that people give have no such sign. */
export function isVersionName(name: string): boolean {
  return name.includes('@');
}

/** Who may use a version that a key made; undefined = everyone. */
export function specialistReaders(
  { isPrivate }: Pick<SpecialistBody, 'isPrivate'>,
  key: string,
): readonly string[] | undefined {
  return isPrivate === true ? [keyPrincipal(key)] : undefined;
}
