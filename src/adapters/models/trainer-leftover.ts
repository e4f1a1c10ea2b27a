import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { sendSignal } from '../process-group.ts';

const FILE = 'trainer.json';
const STEP_MS = 100;
const noteSchema = z.object({ pid: z.int().positive(), since: z.string() });

/** Notes who works in the folder, so that the next farm finds it should this one be killed. */
export async function noteTrainer(folder: string, pid: number | undefined): Promise<void> {
  const since = pid === undefined ? undefined : await beginningOf(pid);
  if (since === undefined) return;
  // Without the note only the end of its stdin ends a trainer that is left.
  await writeFile(join(folder, FILE), JSON.stringify({ pid, since }), { mode: 0o600 }).catch(
    () => undefined,
  );
}

/**
 * Ends the trainer of a farm that was killed, which writes into the folder still. A number that another
 * process got meanwhile is left alone: it began at another time. Where the system does not tell that
 * (/proc), the trainer ends itself, for its stdin has ended.
 */
export async function endLeftover(folder: string, graceMs: number): Promise<void> {
  const note = await noteIn(folder);
  if (note === undefined) return;
  const { pid, since } = note;
  const isThere = async () => (await beginningOf(pid)) === since;
  if (await isThere()) sendSignal(pid, 'SIGTERM');
  for (let waited = 0; waited < graceMs && (await isThere()); waited += STEP_MS)
    await sleep(STEP_MS);
  if (await isThere()) sendSignal(pid, 'SIGKILL');
  await rm(join(folder, FILE), { force: true });
}

async function noteIn(folder: string) {
  try {
    return noteSchema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

/** When a process began, in ticks since the machine's start; undefined where there is none (proc(5), field 22). */
async function beginningOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}
