import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import type { SpokeRuntime } from '../stages/parts.ts';

/** Throws `code` for a spoke that is not there or does not answer in free text. */
export function requireContextSpoke(
  id: string,
  spokes: readonly SpokeRuntime[],
  code: 'config_invalid' | 'invalid_request',
): void {
  if (spokes.some((one) => one.gate.id === id && canDescribe(one))) return;
  const ids = spokes.filter(canDescribe).map((one) => one.gate.id);
  const near = nearestName(id, ids);
  const hint = near === undefined ? '' : `; did you mean \`${near}\`?`;
  throw new CadreError(
    code,
    `there is no spoke ${id} that writes free text about passages${hint}`,
    { param: code === 'config_invalid' ? 'collections.context' : 'context' },
  );
}

/** Whether a spoke can say what a passage is about: it answers in free text. */
export function canDescribe({ config }: SpokeRuntime): boolean {
  return config.kind === 'chat' && config.output === 'text';
}
