import { mayRead } from '../core/access.ts';
import type { SpokeRuntime } from './parts.ts';

/** Those that one of the principals may use; undefined = an operator, [] = what every key may. */
export function openSpokes(
  spokes: readonly SpokeRuntime[],
  principals: readonly string[] | undefined,
): readonly SpokeRuntime[] {
  const isOpen = ({ readers }: SpokeRuntime) =>
    readers === undefined || mayRead(readers, principals);
  return spokes.every(isOpen) ? spokes : spokes.filter(isOpen);
}
