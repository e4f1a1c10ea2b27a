import { constants, setPriority } from 'node:os';

/**
 * Lets everything else go first, from the thread that calls it on. Only Linux knows priorities of
 * threads: elsewhere the call would slow the whole process, so nothing is done there.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // A system that does not let it shares the cores evenly.
  }
}
