import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CanaryTrial } from '../core/canary.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import type { ReceiptStore } from '../core/stores.ts';
import { learnLeft, learnLive, learnOwn, leftOf, type TrialArm } from '../learn/canary-test.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import { shadowsOf } from './graded-traffic.ts';
import {
  AGAIN_MS,
  askedElsewhere,
  type SeenGrade,
  seenGrade,
  trialAnswer,
} from './trial-grades.ts';
import { isGraded, type MarkObjects, markGraded } from './trial-marks.ts';

interface ReadingParts {
  readonly registry: Pick<SpecialistRegistry, 'learnTrial'>;
  readonly receipts: Pick<ReceiptStore, 'doListReceipts'>;
  readonly objects: MarkObjects;
  readonly clock: Pick<Clock, 'now'>;
  /** Whether what a key does counts; no key alone may end a trial. */
  readonly counts: (name: string, key: string) => Promise<boolean>;
}

/** So long an answer waits for a person's word. */
const GRACE_MS = 3_600_000;
/** Stretches of time that are read at once, and not before one is so long. */
const STRETCH_MS = 3_600_000;
const LEAST_MS = 60_000;
/** Of a farm that stood still, so many in one look. */
const STRETCHES_MOST = 24;
const PAGE = 200;
/** Receipts of a stretch that are read, the newest. */
const RECEIPTS_MOST = 20_000;

interface Graded extends SeenGrade {
  readonly arm: TrialArm;
}

/**
 * Reads what became of a trial's answers that no person graded, an hour after they were given. Each
 * stretch of time is claimed in the store before it is read, so that of several nodes one counts it;
 * a process that ends in the middle loses that stretch alone.
 */
export async function readTrial(
  parts: ReadingParts,
  tried: StoredVersion,
  live: StoredVersion,
): Promise<CanaryTrial | undefined> {
  let { trial } = tried.body;
  for (let turn = 0; trial !== undefined && turn < STRETCHES_MOST; turn += 1) {
    const after = leftOf(trial).until;
    const until = Math.min(after + STRETCH_MS, parts.clock.now() - GRACE_MS);
    if (until - after < LEAST_MS) break;
    const claimed = await parts.registry.learnTrial(tried.row.id, (known) =>
      leftOf(known).until === after ? { ...known, left: { ...leftOf(known), until } } : undefined,
    );
    if (claimed === undefined) return trial;
    const grades = await gradesOf(parts, tried, live, { after, until });
    trial =
      grades.length === 0
        ? claimed
        : await parts.registry.learnTrial(tried.row.id, (known) => grades.reduce(learned, known));
  }
  return trial;
}

function learned(trial: CanaryTrial, { arm, source, score }: Graded): CanaryTrial {
  if (source !== 'tool') return learnLeft(trial, arm, score);
  return arm === 'own' ? learnOwn(trial, score) : learnLive(trial, score);
}

/** Of the stretch's answers, oldest first. */
async function gradesOf(
  parts: ReadingParts,
  tried: StoredVersion,
  live: StoredVersion,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<readonly Graded[]> {
  const { receipts: store, objects, counts } = parts;
  const { trial, manifest } = tried.body;
  const receipts = await receiptsBetween(store, after, until + AGAIN_MS);
  const again = askedElsewhere(receipts);
  const grades: Graded[] = [];
  for (const receipt of receipts.toReversed()) {
    const answer = receipt.at > until ? undefined : trialAnswer(receipt, tried, live);
    if (answer === undefined || trial === undefined) continue;
    if (await isGraded(objects, tried.row.id, receipt.id)) continue;
    const isAskedElsewhere = again.has(receipt.id);
    const shadows = await shadowsOf(store, receipt);
    const grade = seenGrade(receipt, answer, { isAskedElsewhere, shadows });
    if (grade === undefined) continue;
    if (isAskedElsewhere && !(await counts(manifest.name, receipt.key))) continue;
    // A person's word that comes later counts no second time beside a tool's.
    const isFirst =
      grade.source !== 'tool' || (await markGraded(objects, tried.row.id, receipt, trial));
    if (isFirst) grades.push({ ...grade, arm: answer.arm });
  }
  return grades;
}

/** Newest first, later than `after`, up to `until`. */
async function receiptsBetween(
  store: ReadingParts['receipts'],
  after: number,
  until: number,
): Promise<readonly Receipt[]> {
  const found: Receipt[] = [];
  let next: { before: number; beforeId?: string } | undefined = { before: until + 1 };
  while (next !== undefined && found.length < RECEIPTS_MOST) {
    const page: readonly Receipt[] = await store.doListReceipts({ limit: PAGE, ...next });
    const fresh = page.filter((one) => one.at > after);
    found.push(...fresh);
    const last = page.at(-1);
    const isMore = page.length === PAGE && fresh.length === PAGE && last !== undefined;
    next = isMore ? { before: last.at, beforeId: last.id } : undefined;
    await nextTurn();
  }
  return found;
}
