import { messageOf } from './api.ts';
import { pullModel } from './farm-api.ts';

/** Pulls that this tab has begun, by model; they go on while other pages are looked at. */
const pulls = new Map<string, AbortController>();

export function isPulling(id: string): boolean {
  return pulls.has(id);
}

export function cancelPull(id: string): void {
  pulls.get(id)?.abort();
}

/** Fetches a model; resolves with what went wrong, undefined when it is installed or was cancelled. */
export async function startPull(id: string): Promise<string | undefined> {
  if (pulls.has(id)) return undefined;
  const controller = new AbortController();
  pulls.set(id, controller);
  try {
    for await (const progress of pullModel(id, controller.signal))
      if (progress.stage === 'failed')
        return progress.problems.length > 0
          ? progress.problems.join('; ')
          : 'no source delivered it';
    return undefined;
  } catch (error) {
    return controller.signal.aborted ? undefined : messageOf(error);
  } finally {
    pulls.delete(id);
  }
}
