import type { ObjectRow } from '../core/objects.ts';
import type { SpecialistBody } from '../core/specialist.ts';

/** A version as the store holds it. */
export interface StoredVersion {
  readonly row: ObjectRow;
  readonly body: SpecialistBody;
}

/** Models kept of one name beside the live one: that rollback may go to, that wait, and others. */
const PREDECESSORS_KEPT = 3;
const WAITING_KEPT = 8;
const OTHERS_KEPT = 2;

/**
 * The versions of one name whose models are kept: what is live, the last three that may serve again,
 * the newest eight that wait for a promotion, and the newest two of the others. Greatest version first.
 */
export function keptVersions(versions: readonly StoredVersion[]): StoredVersion[] {
  const whole = versions.filter((one) => !one.body.bytesGone);
  const live = byLiveTime(whole).filter((one) => one.body.stage === 'live');
  const earlier = live[0] === undefined ? byLiveTime(whole) : predecessors(whole, live[0]);
  const kept = new Set([...live, ...earlier.slice(0, PREDECESSORS_KEPT)]);
  const rest = whole.filter((one) => !kept.has(one));
  const waiting = rest.filter((one) => one.body.stage !== 'retired');
  const others = rest.filter((one) => one.body.stage === 'retired');
  for (const one of [...waiting.slice(0, WAITING_KEPT), ...others.slice(0, OTHERS_KEPT)])
    kept.add(one);
  return versions.filter((one) => kept.has(one));
}

/** When it went live last, milliseconds since the epoch; undefined for one that never did. */
export function liveSince({ moves }: SpecialistBody): number | undefined {
  return moves.findLast((move) => move.to === 'live')?.at;
}

/** Of versions that were ever live, the one that went live last first. */
export function byLiveTime(versions: readonly StoredVersion[]): StoredVersion[] {
  return versions
    .filter((one) => liveSince(one.body) !== undefined)
    .toSorted(
      (a, b) =>
        (liveSince(b.body) ?? 0) - (liveSince(a.body) ?? 0) ||
        b.body.manifest.version - a.body.manifest.version,
    );
}

/**
 * Versions that served before the live one and may serve again in its place, the latest first: none
 * that a person retired or went back from, none without its model, and for every key none that is one
 * key's alone.
 */
export function predecessors(
  versions: readonly StoredVersion[],
  live: StoredVersion,
): StoredVersion[] {
  return byLiveTime(versions).filter(({ row, body }) => {
    const { act } = body.moves.at(-1) ?? {};
    const mayServe = !body.bytesGone && (live.body.isPrivate === true || body.isPrivate !== true);
    return row.id !== live.row.id && act !== 'retired' && act !== 'rolled-back' && mayServe;
  });
}

/** The one of them that is next. */
export function earlierOf(
  versions: readonly StoredVersion[],
  live: StoredVersion,
): StoredVersion | undefined {
  return predecessors(versions, live)[0];
}
