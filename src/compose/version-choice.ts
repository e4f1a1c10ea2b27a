import { mayRead } from '../core/access.ts';
import { CadreError } from '../core/errors.ts';
import { specialistReaders } from '../core/specialist.ts';
import { byLiveTime, type StoredVersion } from '../learn/version-keeping.ts';

/** Those that one of the principals may use. */
export function openTo(
  versions: StoredVersion[],
  principals: readonly string[] | undefined,
): StoredVersion[] {
  return versions.filter(({ row, body }) => {
    const readers = specialistReaders(body, row.key);
    return readers === undefined || mayRead(readers, principals);
  });
}

/** The one that serves: of several, the one that went live last. */
export function liveOf(versions: readonly StoredVersion[]): StoredVersion | undefined {
  return byLiveTime(versions).find((one) => one.body.stage === 'live');
}

export function isWaiting({ body }: StoredVersion): boolean {
  return body.stage === 'candidate' || body.stage === 'shadow';
}

/** Throws `model_not_found` with those that there are. */
export function versionOf(
  versions: readonly StoredVersion[],
  name: string,
  version: number,
): StoredVersion {
  const found = versions.find((one) => one.body.manifest.version === version);
  if (found !== undefined) return found;
  const known = versions.map((one) => one.body.manifest.version).join(', ');
  throw new CadreError('model_not_found', `${name} has no version ${version}; it has ${known}`);
}
