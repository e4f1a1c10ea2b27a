import type { ModelList } from './model-list.ts';
import { type Dataset, type DatasetRow, readDataset } from './success/dataset.ts';

/** Graded requests of a file, each prompt once. */
export interface GradedFile {
  readonly models: readonly string[];
  readonly lines: readonly DatasetRow[];
  /** Lines with a prompt that an earlier line has. */
  readonly duplicates: number;
}

/** The rows of `readDataset`, each prompt once: what a gate is fitted on. `name` is told in errors. */
export function readGradedFile(
  text: string,
  list?: ModelList,
  name = 'rows',
  fewest?: number,
): GradedFile {
  const { models, rows }: Dataset = readDataset(text, name, list?.models, fewest);
  const lines = new Map<string, DatasetRow>();
  for (const row of rows) if (!lines.has(row.prompt)) lines.set(row.prompt, row);
  return { models, lines: [...lines.values()], duplicates: rows.length - lines.size };
}
