export type DataRule =
  | 'unreadable-rows'
  | 'one-label'
  | 'same-text'
  | 'contradictory-labels'
  | 'nearly-contradictory-labels'
  | 'label-noise'
  | 'like-labels'
  | 'near-duplicates'
  | 'imbalance'
  | 'few-rows'
  | 'short-texts'
  | 'long-texts'
  | 'mixed-languages'
  | 'personal-data'
  | 'leak'
  | 'contamination';

/** `error`: training on it measures or teaches something false; `warning`: it costs accuracy. */
export type DataSeverity = 'error' | 'warning' | 'note';

/** One place of a finding. */
export interface DataSample {
  /** Line of the file (place in a JSON list), from 1; absent where it is about a label. */
  readonly line?: number;
  /** Cut to a line; absent where it may not be shown. */
  readonly text?: string;
  readonly label?: string;
  /** What it should probably be. */
  readonly suggested?: string;
  /** The other row of a pair. */
  readonly otherLine?: number;
  readonly otherLabel?: string;
  /** 0 … 1; 1 = the same but for case, marks and spacing. */
  readonly similarity?: number;
  /** 0 … 1: how sure; of label noise 1 − P(given label). */
  readonly certainty?: number;
  readonly note?: string;
}

/** Something about a set of rows that a person should know before a model learns from it. */
export interface DataFinding {
  readonly rule: DataRule;
  readonly severity: DataSeverity;
  /** How many rows (labels, pairs) it is about. */
  readonly count: number;
  readonly message: string;
  readonly remedy: string;
  /** The surest first; at most 1,000. */
  readonly samples: readonly DataSample[];
}

export interface DataFigures {
  /** Rows read, and those of them that have a text and a label. */
  readonly read: number;
  readonly rows: number;
  /** Rows with a text of their own; and those that are near no other row of their label. */
  readonly distinct: number;
  readonly kept: number;
  readonly labels: readonly { readonly label: string; readonly rows: number }[];
  /** Codes with rows of a sample; `unknown` = too short to tell. */
  readonly languages: readonly { readonly language: string; readonly rows: number }[];
  readonly languageRows: number;
  /** Characters: quantiles of the whole texts. */
  readonly lengths: {
    readonly least: number;
    readonly median: number;
    readonly p95: number;
    readonly most: number;
  };
}

export interface DataReport {
  readonly file: string;
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  readonly encoding: string;
  readonly notes: readonly string[];
  readonly figures: DataFigures;
  readonly findings: readonly DataFinding[];
}
