import { CadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { SpecialistMove } from '../core/specialist.ts';
import { startTrial, trialWords } from '../learn/canary-test.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';

interface MoveParts {
  readonly registry: SpecialistRegistry;
  readonly clock: Pick<Clock, 'now'>;
}

/** Lets a candidate answer a small share of the requests. */
export async function beginTrial(
  { registry, clock }: MoveParts,
  versions: readonly StoredVersion[],
  chosen: StoredVersion,
  live: StoredVersion | undefined,
  {
    passes,
    reason,
    ...move
  }: Pick<SpecialistMove, 'by' | 'verdict'> & {
    readonly passes: boolean;
    readonly reason: string | undefined;
  },
): Promise<void> {
  if (live === undefined)
    throw new CadreError('conflict', `no version serves beside which to try ${chosen.row.id}`);
  const other = versions.find((one) => one.body.stage === 'canary');
  if (other !== undefined)
    throw new CadreError('conflict', `${other.row.id} is on trial; wait for it or retire it`);
  await registry.read(chosen);
  const against = live.body.manifest.version;
  const trial = startTrial({ against, since: clock.now(), mode: passes ? 'guard' : 'proof' });
  const words = [reason, trialWords(trial)].filter(Boolean).join('; ');
  const moved = await registry.move(
    chosen.row.id,
    ['candidate'],
    { ...move, to: 'canary', act: 'tried', reason: words },
    { trial, isShared: true },
  );
  if (moved === undefined)
    throw new CadreError('conflict', `${chosen.row.id} is no candidate; only those are tried`);
}

/** First the new one is live, then the others are not: at every moment the name has a version. */
export async function makeLive(
  { registry }: Pick<MoveParts, 'registry'>,
  versions: readonly StoredVersion[],
  chosen: StoredVersion,
  {
    isShared = false,
    ...move
  }: Pick<SpecialistMove, 'by' | 'reason' | 'verdict' | 'isForced'> & {
    readonly act: 'promoted' | 'rolled-back';
    readonly isShared?: boolean;
  },
): Promise<void> {
  // What cannot be read must not take a place.
  await registry.read(chosen);
  // It may be live still where a process ended between the two steps below.
  const moved = await registry.move(
    chosen.row.id,
    ['candidate', 'canary', 'retired', 'live'],
    { ...move, act: 'promoted', to: 'live' },
    { isShared },
  );
  if (moved === undefined)
    throw new CadreError('conflict', `${chosen.row.id} was moved by somebody else; look again`);
  const others = versions.filter((one) => one.row.id !== chosen.row.id);
  for (const { row } of others.filter(({ body }) => body.stage === 'live'))
    await registry.move(row.id, ['live'], {
      to: 'retired',
      act: move.act === 'promoted' ? 'replaced' : 'rolled-back',
      by: move.by,
      reason: move.act === 'promoted' ? `replaced by ${chosen.row.id}` : move.reason,
    });
  for (const { row } of others.filter(({ body }) => body.stage === 'canary'))
    await registry.move(row.id, ['canary'], {
      to: 'candidate',
      act: 'rolled-back',
      by: move.by,
      reason: 'the version that it was tried beside serves no more',
    });
}
