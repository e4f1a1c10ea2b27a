import {
  type LabelledText,
  type NgramClassifier,
  trainNgramClassifier,
} from '../../base/ngram-classifier.ts';
import { textPart } from '../../core/chat.ts';
import { readSurface } from '../features.ts';
import { taskText } from '../task-text.ts';
import { makeTrainingRows, SYSTEM_END } from './rows.ts';

/** Fixed, so that the generated file can be made again byte for byte. */
export const TRAINING = { seed: 20261123, perTask: 1300, epochs: 4, weightBytes: 700_000 };

/** Words and pairs of words: 33 µs per request; with runs of characters 79, of 100 for the decision. */
const HASHING = { bits: 17, wordRun: 2, characterFrom: 0, characterTo: 0, textLimit: 1200 };

/** Trains the task classifier on generated requests; a few seconds, always the same bytes. */
export function trainTaskModel(): NgramClassifier {
  const rows = makeTrainingRows(TRAINING.seed, TRAINING.perTask).map(asClassifierRow);
  return trainNgramClassifier(rows, {
    seed: TRAINING.seed,
    epochs: TRAINING.epochs,
    weightBytes: TRAINING.weightBytes,
    hashing: HASHING,
  });
}

function asClassifierRow(row: LabelledText): LabelledText {
  return { text: taskTextOf(row.text), label: row.label };
}

/** What the classifier reads of a user message, after a system prompt where the text has one. */
export function taskTextOf(text: string): string {
  const parts = text.split(SYSTEM_END);
  const user = { role: 'user' as const, content: textPart(parts.at(-1) ?? '') };
  const system = { role: 'system' as const, content: textPart(parts[0] ?? '') };
  const messages = parts.length > 1 ? [system, user] : [user];
  return taskText(readSurface({ model: 'auto', sampling: {}, messages }));
}
