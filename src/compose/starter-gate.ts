import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GateFiles } from '../adapters/stores/gate-files.ts';
import { toCadreError } from '../core/errors.ts';
import { SCOPE_FILE } from './gate-loading.ts';

/** The gate that was fitted on the starter spokes and comes with the house (`cadre bench starter-gate`). */
const SHIPPED = resolve(import.meta.dirname, '..', '..', 'starter', 'gate');

/**
 * Puts the starter's gate into a home and in force, where nobody has chosen one yet or an older
 * starter's gate is in force. A gate of the user's own, or his choice of the table, stays. Trouble is
 * told and leaves everything as it was.
 */
export function installStarterGate(
  files: GateFiles,
  log: (line: string) => void,
  shipped = SHIPPED,
): void {
  try {
    if (!existsSync(join(shipped, SCOPE_FILE))) return;
    const fromStarter = files.list().filter((version) => files.has(version, SCOPE_FILE));
    const current = files.isChosen() ? files.current() : undefined;
    const isReplaceable = !files.isChosen() || fromStarter.includes(current ?? 0);
    const scope = readFileSync(join(shipped, SCOPE_FILE));
    const known = fromStarter.find((version) => scope.equals(files.read(version, SCOPE_FILE)));
    if (!isReplaceable || known !== undefined) return;
    const names = readdirSync(shipped);
    files.choose(
      files.add(Object.fromEntries(names.map((name) => [name, readFileSync(join(shipped, name))]))),
    );
  } catch (thrown) {
    log(`the starter’s gate is not in force: ${toCadreError(thrown).message}`);
  }
}
