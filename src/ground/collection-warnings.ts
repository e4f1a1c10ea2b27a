import type { CollectionRun, CollectionWarning } from '../core/document-text.ts';
import type { IndexProgress } from '../core/index-progress.ts';

/** What whoever asks a collection should know before he takes it for all that its sources have. */
export function collectionWarnings(
  name: string,
  running: IndexProgress | undefined,
  last: CollectionRun | undefined,
  isOperator: boolean,
): readonly CollectionWarning[] {
  const warnings: CollectionWarning[] = [];
  const { found, of } = running?.coverage ?? { found: 0, of: 0 };
  // How many documents there are says something of those that the reader may not read.
  const some = isOperator ? `${found} of ${of}` : 'not all';
  if (found < of)
    warnings.push({
      code: 'indexing',
      words: `${some} documents of ${name} can be found so far; indexing goes on`,
    });
  const { problem, summary } = last ?? {};
  const unlisted = summary?.unlisted ?? [];
  const late = 'what it has may be out of date';
  if (problem !== undefined)
    warnings.push({
      code: 'run-failed',
      words: `the last look at the sources of ${name} failed; ${late}`,
      ...(isOperator ? { detail: problem } : {}),
    });
  if (unlisted.length > 0)
    warnings.push({
      code: 'source-failed',
      words: `a source of ${name} could not be listed; ${late}`,
      ...(isOperator
        ? { detail: unlisted.map(({ path, reason }) => `${path}: ${reason}`).join('; ') }
        : {}),
    });
  return warnings;
}
