import { CadreError } from '../core/errors.ts';
import { formatBytes } from '../core/format-bytes.ts';
import type { Refusal } from './fleet-view.ts';
import type { MemoryRoom } from './memory-room.ts';
import type { Place } from './place.ts';

/** A pause after a crash that is worth waiting for in line. */
const PATIENCE_MS = 2000;

/** When to ask again where other programs have the memory. */
const SHORTAGE_SECONDS = 15;

type Bound = ReturnType<MemoryRoom['bound']>;

/** Throws `worker_crashed` while the pause after a crash is too long to wait for. */
export function requireStartable(place: Place, now: number): void {
  const pause = place.backoff.remaining(now);
  if (pause <= PATIENCE_MS) return;
  const seconds = Math.ceil(pause / 1000);
  throw new CadreError(
    'worker_crashed',
    `\`${place.id}\` stopped ${place.backoff.count} times in a row (${place.problem ?? 'no reason given'}); the next start is in ${seconds} s`,
    { retryAfter: seconds },
  );
}

/** Throws `out_of_memory` where a model does not fit beside what is pinned and held elsewhere. */
export function requirePinnable(
  place: Place,
  pinned: readonly Place[],
  heldElsewhere: number,
  memoryBudget: number,
): void {
  let bytes = heldElsewhere + (place.neededBytes ?? 0);
  for (const other of pinned) bytes += other.neededBytes ?? 0;
  if (bytes <= memoryBudget) return;
  const beside = pinned.length === 0 ? '' : ` beside ${namesOf(pinned)}`;
  throw new CadreError(
    'out_of_memory',
    `\`${place.id}\` cannot be pinned${beside}: that takes ${formatBytes(bytes)}, models may have ${formatBytes(memoryBudget)} (\`fleet.memoryBudget\`); unpin another one or raise it`,
  );
}

export function overloaded(place: Place, slots: number): CadreError {
  const ms = (place.line.length / slots) * place.meanServiceMs;
  return new CadreError(
    'overloaded',
    `${place.line.length} requests wait for \`${place.id}\` already`,
    { retryAfter: Math.min(60, Math.max(1, Math.ceil(ms / 1000))) },
  );
}

/** What a caller hears whom the plan refuses; `bound`: what bounds the memory, in words. */
export function refused(
  { id, neededBytes }: Place,
  refusal: Refusal,
  { beside, bound }: { readonly beside: readonly Place[]; readonly bound: Bound },
): CadreError {
  if (refusal.reason === 'too-late') {
    const seconds = Math.max(1, Math.ceil(refusal.waitMs / 1000));
    return new CadreError(
      'deadline_exceeded',
      `\`${id}\` could begin in ${seconds} s at the soonest, which is after the request’s deadline`,
      { retryAfter: seconds },
    );
  }
  const pinned = beside.length === 0 ? '' : ` beside the pinned ${namesOf(beside)}`;
  return new CadreError(
    bound.isPassing ? 'overloaded' : 'out_of_memory',
    `\`${id}\` needs ${formatBytes(neededBytes ?? 0)} of memory, models may have ${formatBytes(refusal.most)}${pinned} (${bound.words})`,
    bound.isPassing ? { retryAfter: SHORTAGE_SECONDS } : {},
  );
}

/** Why somebody is waited for no longer; a deadline that passed says what it passed on. */
export function waitedInVain(reason: unknown, { id, state, life, line }: Place): unknown {
  if (!(reason instanceof CadreError && reason.code === 'deadline_exceeded')) return reason;
  const share = Math.floor(100 * (life?.loadedShare ?? 0));
  const where =
    state === 'loading'
      ? `\`${id}\` was being loaded (${share} %)`
      : `the request waited for \`${id}\`, with ${line.length} others in line`;
  return new CadreError('deadline_exceeded', `the deadline passed while ${where}`, {
    cause: reason,
  });
}

function namesOf(places: readonly Place[]): string {
  return places.map((one) => `\`${one.id}\``).join(', ');
}
