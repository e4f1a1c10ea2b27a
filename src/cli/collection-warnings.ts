import type { CollectionWarning } from '../core/document-text.ts';
import { note, paint, safeLine } from './terminal.ts';

/** Tells on the side why a collection may not hold all, so that a program that reads the rest is not disturbed. */
export function tellWarnings(warnings: readonly CollectionWarning[]): void {
  for (const { words, detail } of warnings) {
    const why = detail === undefined ? '' : ` (${detail})`;
    note(paint('yellow', safeLine(words + why), process.stderr));
  }
}
