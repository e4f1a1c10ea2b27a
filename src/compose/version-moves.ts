import { CadreError, toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { SpecialistMove, SpecialistStage } from '../core/specialist.ts';
import { type CanaryVerdict, startTrial, trialWords } from '../learn/canary-test.ts';
import { startShadow } from '../learn/candidate-shadow.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import { liveOf } from './version-choice.ts';

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
  requireBeside(versions, chosen, live, 'canary');
  await registry.read(chosen);
  const against = live.body.manifest.version;
  const trial = startTrial({ against, since: clock.now(), mode: passes ? 'guard' : 'proof' });
  const words = [reason, trialWords(trial)].filter(Boolean).join('; ');
  const moved = await registry.move(
    chosen.row.id,
    ['candidate', 'shadow'],
    { ...move, to: 'canary', act: 'tried', reason: words },
    { trial, isShared: true },
  );
  if (moved === undefined) throw noCandidate(chosen);
}

/**
 * Lets a candidate answer, unseen, what the live version has answered. Rejects with `invalid_request` for
 * one that orders passages, and `conflict` where there is nothing to stand beside.
 */
export async function beginShadow(
  { registry, clock }: MoveParts,
  versions: readonly StoredVersion[],
  chosen: StoredVersion,
  live: StoredVersion | undefined,
  { reason, ...move }: Pick<SpecialistMove, 'by'> & { readonly reason: string | undefined },
): Promise<void> {
  if (chosen.body.manifest.kind === 'rank')
    throw new CadreError(
      'invalid_request',
      `${chosen.row.id} orders passages: only answers to chats are asked for unseen; try it with \`canary\``,
      { param: 'shadow' },
    );
  requireBeside(versions, chosen, live, 'shadow');
  await registry.read(chosen);
  const { version: against } = live.body.manifest;
  const words = `answers unseen beside version ${against}, while the farm is idle`;
  const moved = await registry.move(
    chosen.row.id,
    ['candidate'],
    { ...move, to: 'shadow', act: 'shadowed', reason: [reason, words].filter(Boolean).join('; ') },
    // Nobody sees its answers, so that it stays closed to whom it was closed.
    { shadow: startShadow({ against, since: clock.now() }) },
  );
  if (moved === undefined) throw noCandidate(chosen);
}

function requireBeside(
  versions: readonly StoredVersion[],
  chosen: StoredVersion,
  live: StoredVersion | undefined,
  stage: 'shadow' | 'canary',
): asserts live is StoredVersion {
  if (live === undefined)
    throw new CadreError('conflict', `no version serves beside which to try ${chosen.row.id}`);
  const other = versions.find((one) => one.body.stage === stage);
  if (other === undefined) return;
  const how = stage === 'canary' ? 'is on trial' : 'answers unseen';
  throw new CadreError('conflict', `${other.row.id} ${how}; wait for it or retire it`);
}

function noCandidate({ row }: StoredVersion): CadreError {
  return new CadreError('conflict', `${row.id} is no candidate; only those are tried`);
}

/**
 * Ends a trial as its verdict says, in the store against what is there: where several nodes decide at
 * once one of them does. Resolves to what was done; undefined where the trial was over. What cannot be
 * read, or would take the place of another version than the one it was tried beside, goes back.
 */
export async function endTrial(
  parts: Pick<MoveParts, 'registry'>,
  versions: readonly StoredVersion[],
  tried: StoredVersion,
  verdict: CanaryVerdict,
): Promise<CanaryVerdict | undefined> {
  const against = besideOf(tried);
  if (verdict.to === 'live' && liveOf(versions)?.body.manifest.version === against)
    try {
      const move = { by: 'farm', reason: verdict.words, act: 'promoted' } as const;
      await makeLive(parts, tried, { ...move, from: ['canary'] });
      return verdict;
    } catch (error) {
      const { code, message } = toCadreError(error);
      if (code === 'conflict') return undefined;
      if (code !== 'specialist_damaged') throw error;
      return sendBack(parts, tried, `${verdict.words}; but ${message}`);
    }
  const isLate = verdict.to === 'live';
  return sendBack(parts, tried, isLate ? servesNoMore(against) : verdict.words);
}

async function sendBack(
  { registry }: Pick<MoveParts, 'registry'>,
  { row, body }: StoredVersion,
  reason: string,
): Promise<CanaryVerdict | undefined> {
  const move = { by: 'farm', to: 'candidate', act: 'rolled-back', reason } as const;
  const moved = await registry.move(row.id, [body.stage], move);
  return moved && { to: 'candidate', words: reason };
}

/** The version beside which one is tried, shown or not. */
export function besideOf({ body }: StoredVersion): number | undefined {
  return body.trial?.against ?? body.shadow?.against;
}

/** Tried beside the live version, shown or not. */
export function isBeside({ body }: StoredVersion): boolean {
  return body.stage === 'canary' || body.stage === 'shadow';
}

export function servesNoMore(against: number | undefined): string {
  return `version ${against}, beside which it was tried, serves no more`;
}

/**
 * First the new one is live, then the others are not: at every moment the name has a version. Of two
 * that two nodes make live at once the one that became so last serves, and the other is replaced.
 */
export async function makeLive(
  { registry }: Pick<MoveParts, 'registry'>,
  chosen: StoredVersion,
  {
    isShared = false,
    // It may be live still where a process ended between the two steps below.
    from = ['candidate', 'shadow', 'canary', 'retired', 'live'],
    ...move
  }: Pick<SpecialistMove, 'by' | 'reason' | 'verdict' | 'isForced'> & {
    readonly act: 'promoted' | 'rolled-back';
    readonly isShared?: boolean;
    readonly from?: readonly SpecialistStage[];
  },
): Promise<void> {
  // What cannot be read must not take a place.
  await registry.read(chosen);
  const moved = await registry.move(
    chosen.row.id,
    from,
    { ...move, act: 'promoted', to: 'live' },
    { isShared },
  );
  if (moved === undefined)
    throw new CadreError('conflict', `${chosen.row.id} was moved by somebody else; look again`);
  const versions = await registry.versions(chosen.body.manifest.name);
  const live = liveOf(versions) ?? chosen;
  const isBack = move.act === 'rolled-back' && live.row.id === chosen.row.id;
  const others = versions.filter((one) => one.row.id !== live.row.id);
  for (const { row } of others.filter(({ body }) => body.stage === 'live'))
    await registry.move(row.id, ['live'], {
      to: 'retired',
      act: isBack ? 'rolled-back' : 'replaced',
      by: move.by,
      reason: isBack ? move.reason : `replaced by ${live.row.id}`,
    });
  const { version } = live.body.manifest;
  for (const other of others.filter((one) => isBeside(one) && besideOf(one) !== version))
    await registry.move(other.row.id, [other.body.stage], {
      to: 'candidate',
      act: 'rolled-back',
      by: move.by,
      reason: servesNoMore(besideOf(other)),
    });
}
