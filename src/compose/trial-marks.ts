import { type CanaryTrial, trialEnd } from '../core/canary.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Receipt } from '../core/receipt.ts';

export type MarkObjects = Pick<ObjectStore, 'doAddObject' | 'doGetObject'>;

const DAY_MS = 86_400_000;

/**
 * Marks the request as graded in the trial of a version; false where it was before, by whichever node:
 * each counts once, with what was said first.
 */
export function markGraded(
  objects: MarkObjects,
  version: string,
  { id, key, at }: Pick<Receipt, 'id' | 'key' | 'at'>,
  trial: CanaryTrial,
): Promise<boolean> {
  return objects.doAddObject({
    kind: 'trial_grade',
    id: markId(version, id),
    key,
    createdAt: at,
    expiresAt: trialEnd(trial) + DAY_MS,
    body: {},
  });
}

export async function isGraded(
  objects: MarkObjects,
  version: string,
  receipt: string,
): Promise<boolean> {
  return (await objects.doGetObject('trial_grade', markId(version, receipt))) !== undefined;
}

function markId(version: string, receipt: string): string {
  return `${version}/${receipt}`;
}
