import { calibrationError } from '../base/calibration.ts';
import { type GradeModel, gradeText } from '../base/grade-model.ts';
import { isWithin } from '../base/within-tolerance.ts';
import type { GradedRow } from './grade-agreement.ts';
import { embedAll, type LadderEmbedder } from './ladder.ts';

/** A row and the number that a model gives it which was not fitted to it. */
export interface JudgedGrade {
  readonly row: GradedRow;
  readonly value: number;
  readonly confidence: number;
}

/** What a model says of rows that it was not taught. */
export async function gradedBy(
  model: GradeModel,
  rows: readonly GradedRow[],
  embedder: LadderEmbedder | undefined,
): Promise<JudgedGrade[]> {
  const isFitting = embedder !== undefined && model.embedding?.embedder === embedder.id;
  const { vectors } = isFitting
    ? await embedAll(
        rows.map((row) => row.text),
        embedder,
      )
    : { vectors: [] };
  return rows.map((row, at) => ({ row, ...gradeText(model, row.text, vectors[at]) }));
}

/** Whether an answer is within the tolerance. */
export function isNear(
  { row, value }: Pick<JudgedGrade, 'row' | 'value'>,
  tolerance: number,
): boolean {
  return isWithin(row.grade, value, tolerance);
}

export function errorOf({ row, value }: Pick<JudgedGrade, 'row' | 'value'>): number {
  return Math.abs(row.grade - value);
}

/** Expected calibration error of the confidences, 0 … 1. */
export function gradeCalibration(judged: readonly JudgedGrade[], tolerance: number): number {
  return calibrationError(
    judged.map((one) => ({ confidence: one.confidence, right: isNear(one, tolerance) })),
  );
}
