import type { ShadowSettings } from '../core/config-shadow.ts';
import type { GateSpoke } from '../gate/spoke.ts';

/** What keeps shadow runs from doing what is wished, in words. */
export function notesOf({
  settings: { rate, spokes: named, budget, seconds },
  used,
  spokes,
  reference,
  problem,
}: {
  readonly settings: ShadowSettings;
  readonly used: { readonly dollars: number; readonly seconds: number };
  readonly spokes: readonly GateSpoke[];
  readonly reference: string | undefined;
  readonly problem: string | undefined;
}): string[] {
  const notes = problem === undefined ? [] : [problem];
  if (rate === 0) return notes;
  for (const id of named)
    if (!spokes.some((one) => one.id === id)) notes.push(`there is no spoke ${id} any more`);
  const asked = spokes.filter(
    ({ id, kind }) =>
      (kind === 'chat' || kind === 'classifier') && (named.length === 0 || named.includes(id)),
  );
  const [remote, local] = [
    asked.filter((one) => one.destination !== 'local'),
    asked.filter((one) => one.destination === 'local'),
  ];
  if (remote.length > 0 && budget === 0)
    notes.push(
      `no budget is set, so ${namesOf(remote)} may not be asked; \`cadre gate shadow --budget 0.50/day\` would let them`,
    );
  if (budget > 0 && used.dollars >= budget) notes.push('the dollars of this day are used up');
  if (local.length > 0 && used.seconds >= seconds)
    notes.push('the CPU seconds of this day are used up');
  if (reference !== undefined && named.length > 0 && !named.includes(reference))
    notes.push(
      `${reference}, by which the gate in force measures, is not among the spokes: what it has not answered itself is compared, not graded`,
    );
  return notes;
}

/** At most three of them: `a, b and 4 more`. */
function namesOf(spokes: readonly GateSpoke[]): string {
  const names = spokes.slice(0, 3).map(({ id }) => id);
  const rest = spokes.length - names.length;
  const parts = rest > 0 ? [...names, `${rest} more`] : names;
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}
