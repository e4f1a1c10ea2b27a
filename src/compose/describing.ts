import type { Config } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import type { Label } from '../core/label.ts';
import { nearestName } from '../core/nearest.ts';
import type { SpokeRuntime } from '../stages/parts.ts';

/** Throws for a spoke that is not there or does not answer in free text; `others` could stand in its place. */
export function requireTextSpoke(
  id: string,
  spokes: readonly SpokeRuntime[],
  where: {
    readonly code: 'config_invalid' | 'invalid_request';
    readonly param: string;
    readonly others?: readonly string[];
  },
): void {
  if (spokes.some((one) => one.gate.id === id && canDescribe(one))) return;
  const { code, param, others = [] } = where;
  const ids = spokes.filter(canDescribe).map((one) => one.gate.id);
  const near = nearestName(id, [...ids, ...others]);
  const hint = near === undefined ? '' : `; did you mean \`${near}\`?`;
  const at = code === 'config_invalid' ? `\`${param}\`: ` : '';
  const what = spokes.some((one) => one.gate.id === id && one.gate.kind === 'hub')
    ? `${id} plans several steps for each text and has other spokes do them; name one of these`
    : `there is no spoke ${id} that answers in free text${hint}`;
  throw new CadreError(code, `${at}${what}`, { param });
}

/** Whether a spoke can say something about a passage: it answers in free text, in one step. */
export function canDescribe({ config, gate }: SpokeRuntime): boolean {
  return config.kind === 'chat' && config.output === 'text' && gate.kind !== 'hub';
}

/** Label of a collection's content. */
export function collectionLabel({ collections }: Config, name: string): Label {
  return collections.find((one) => one.name === name)?.label ?? 'internal';
}
