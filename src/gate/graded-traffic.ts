import type { GradedAnswer } from '../core/outcome.ts';

/**
 * JSON lines as `readGradedFile` reads them: each prompt once, with the newest grade of each spoke.
 * What a spoke would have cost is filled in by its mean where a request did not consider it.
 */
export function gradedLines(newestFirst: readonly GradedAnswer[]): string[] {
  const spokes = new Set(newestFirst.flatMap(({ scores }) => Object.keys(scores)));
  const means = meanCosts(newestFirst, spokes);
  const merged = new Map<string, GradedAnswer>();
  for (const row of newestFirst) {
    const newer = merged.get(row.prompt);
    const scores = { ...row.scores, ...newer?.scores };
    merged.set(row.prompt, newer === undefined ? row : { ...newer, scores });
  }
  return [...merged.values()].map(({ prompt, task, scores, costs }) => {
    const known = [...means].map(([spoke, mean]) => [spoke, costs[spoke] ?? mean] as const);
    return JSON.stringify({
      prompt,
      ...(task === undefined ? {} : { task }),
      scores,
      ...(known.length === 0 ? {} : { costs: Object.fromEntries(known) }),
    });
  });
}

function meanCosts(
  rows: readonly GradedAnswer[],
  spokes: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const means = new Map<string, number>();
  for (const spoke of spokes) {
    const costs = rows.flatMap((row) => row.costs[spoke] ?? []);
    if (costs.length > 0) means.set(spoke, costs.reduce((sum, one) => sum + one, 0) / costs.length);
  }
  return means;
}
