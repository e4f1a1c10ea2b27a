import type { GradedAnswer } from '../core/outcome.ts';

/**
 * JSON lines as `readGradedFile` reads them: each prompt once, with the newest grade of each spoke and
 * who gave it.
 * What a spoke would have cost, and how long it would have taken, is filled in by its mean where a
 * request did not consider it.
 */
export function gradedLines(newestFirst: readonly GradedAnswer[]): string[] {
  const spokes = new Set(newestFirst.flatMap(({ scores }) => Object.keys(scores)));
  const means = {
    costs: meansOf(newestFirst, spokes, 'costs'),
    seconds: meansOf(newestFirst, spokes, 'seconds'),
  };
  const merged = new Map<string, GradedAnswer>();
  for (const row of newestFirst) {
    const newer = merged.get(row.prompt);
    merged.set(row.prompt, newer === undefined ? row : joined(newer, row));
  }
  return [...merged.values()].map(({ prompt, task, scores, sources, signs, weight, ...row }) => {
    const filled = (field: Amount) =>
      [...means[field]].map(([spoke, mean]) => [spoke, row[field]?.[spoke] ?? mean] as const);
    const amounts = (['costs', 'seconds'] as const)
      .map((field) => [field, filled(field)] as const)
      .filter(([, known]) => known.length > 0)
      .map(([field, known]) => [field, Object.fromEntries(known)] as const);
    return JSON.stringify({
      prompt,
      ...(task === undefined ? {} : { task }),
      scores,
      ...Object.fromEntries(amounts),
      ...(sources === undefined ? {} : { sources }),
      ...(signs === undefined ? {} : { signs }),
      ...(weight === undefined ? {} : { weight }),
    });
  });
}

/** The newer grade of each spoke; but a person's is not replaced by a comparison with another spoke. */
function joined(newer: GradedAnswer, older: GradedAnswer): GradedAnswer {
  const isOlder = (spoke: string) =>
    newer.scores[spoke] === undefined ||
    (newer.sources?.[spoke] === 'shadow' && older.sources?.[spoke] !== 'shadow');
  const kept = <T>(of: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(of).filter(([spoke]) => isOlder(spoke)));
  const { weight: _, ...rest } = newer;
  const signs = { ...newer.signs, ...kept(older.signs) };
  const weight = Math.max(newer.weight ?? 1, older.weight ?? 1);
  return {
    ...rest,
    scores: { ...newer.scores, ...kept(older.scores) },
    ...(newer.sources === undefined
      ? {}
      : { sources: { ...newer.sources, ...kept(older.sources) } }),
    ...(Object.keys(signs).length === 0 ? {} : { signs }),
    ...(weight === 1 ? {} : { weight }),
  };
}

type Amount = 'costs' | 'seconds';

function meansOf(
  rows: readonly GradedAnswer[],
  spokes: ReadonlySet<string>,
  field: Amount,
): ReadonlyMap<string, number> {
  const means = new Map<string, number>();
  for (const spoke of spokes) {
    const seen = rows.flatMap((row) => row[field]?.[spoke] ?? []);
    if (seen.length > 0) means.set(spoke, seen.reduce((sum, one) => sum + one, 0) / seen.length);
  }
  return means;
}
