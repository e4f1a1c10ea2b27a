import type { PullProgress } from './catalogue.ts';

/**
 * Formats that models are made in, the most exact first; names as llama.cpp has them, but for q8_4: that
 * is q8_0 with the two matrices before the gate of each block (two fifths of a small model) in q4_0. It is
 * larger than q5_0, but takes an x86 processor a sixth to a fifth less than q8_0 (bench farm-lora).
 */
export const QUANTISATIONS = ['q8_0', 'q5_0', 'q8_4', 'q4_0'] as const;
export type Quantisation = (typeof QUANTISATIONS)[number];

/** One format of a model, made or not. */
export interface QuantisedForm {
  readonly format: Quantisation;
  /** Name that it has, or would have. */
  readonly id: string;
  readonly fileBytes: number;
  /** Bytes that it takes in memory with the farm's contexts: weights, cache of all slots, engine. */
  readonly memoryBytes: number;
  /** Matrices that get coarser; 0 = the model is as small already. */
  readonly changed: number;
  readonly isInstalled: boolean;
}

/** What a model could become. */
export interface QuantisationPlan {
  readonly model: string;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  /** What the farm may use for all models together, bytes. */
  readonly memoryBudget: number;
  readonly forms: readonly QuantisedForm[];
}

/** A question of the user's own, and what may be answered. */
export interface QualityRow {
  readonly question: string;
  readonly gold: readonly string[];
}

/** What forms are made of. */
export interface QuantisationSource {
  /** A model of the catalogue, or a spoke with a LoRA adapter, which is then written in. */
  readonly id: string;
  /** Absolute path of a LoRA adapter's GGUF file that is written into the model. */
  readonly adapter?: string | undefined;
  /** What the forms are named after; absent = the model, the spoke or the adapter's file. */
  readonly name?: string | undefined;
}

export interface QuantisationWish extends QuantisationSource {
  readonly format: Quantisation;
  /** Both models are measured with them. */
  readonly rows: readonly QualityRow[];
}

/** Most rows that a model is measured with. */
export const MOST_QUALITY_ROWS = 500;

/** What was measured of one model. */
export interface ModelMeasure {
  readonly model: string;
  readonly tokensPerSecond: number;
  /** Measured after loading. */
  readonly memoryBytes: number;
  /** Of the rows; absent where there are none. */
  readonly right?: number;
}

export interface QuantisationReport {
  readonly model: string;
  readonly from: string;
  readonly format: Quantisation;
  readonly fileBytes: number;
  /** Of the matrices: root of the mean squared error ÷ root of the mean square, 0 … 1. */
  readonly weightError: number;
  readonly measures: readonly ModelMeasure[];
  readonly rows: number;
  /** Rows that only one of the two has right, and P were both as good: exact test of McNemar. */
  readonly onlyOriginal?: number;
  readonly onlyMade?: number;
  readonly probability?: number;
}

export type QuantisationProgress =
  | {
      readonly stage: 'making' | 'measuring';
      readonly model: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly stage: 'ready'; readonly report: QuantisationReport };

/** How models come into a home: those of the catalogue, the user's own, smaller forms of both. */
export interface ModelMaking {
  /** Installs a model of the catalogue; yields bytes on disk as they arrive. */
  pull(id: string, signal: AbortSignal): AsyncIterable<PullProgress>;
  /**
   * Takes a GGUF file of this machine in as a model. Rejects with `conflict`, `model_damaged`,
   * `file_refused`, `disk_full`.
   */
  importModel(
    wish: {
      /** Absolute path. */
      readonly file: string;
      /** Absent = made of the file's name. */
      readonly id?: string | undefined;
    },
    signal: AbortSignal,
  ): AsyncIterable<PullProgress>;
  /**
   * What an installed model could become, with its adapter where there is one. Rejects with
   * `model_not_found`, `model_unavailable`, `adapter_refused`.
   */
  planQuantisation(source: QuantisationSource): Promise<QuantisationPlan>;
  /**
   * Makes a form of a model, installs it and measures it beside the original. Rejects as
   * `planQuantisation`, and with `conflict` where its name is that of something else.
   */
  quantise(wish: QuantisationWish, signal: AbortSignal): AsyncIterable<QuantisationProgress>;
}
