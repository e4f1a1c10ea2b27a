import { CALM } from '../base/cusum.ts';
import { toCadreError } from '../core/errors.ts';
import type { FeedbackRow } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { learnLive, learnOwn, verdictOf } from '../learn/canary-test.ts';
import { alarmOf, expectedGrade, UNWATCHED, watchAnswer } from '../learn/live-watch.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { earlierOf, liveSince, type StoredVersion } from '../learn/version-keeping.ts';
import { answererOf, gradeOf, outcomesOf } from '../record/outcomes.ts';
import { isModelOf, specialistOf } from './specialist-answer.ts';
import type { SpecialistRoom } from './specialist-room.ts';

interface WatchParts {
  readonly registry: SpecialistRegistry;
  readonly room: Pick<SpecialistRoom, 'withdraw' | 'settle'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

/**
 * Watches what callers say of live specialists: where a version falls well below what was expected, the
 * version before serves again. What is known stands in the version's row, over restarts and nodes.
 */
export class SpecialistWatcher {
  readonly #parts: WatchParts;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Never rejects: a caller who gave feedback is not to hear of it. */
  async learnSaid(receipt: Receipt, feedback: readonly FeedbackRow[]): Promise<void> {
    const spoke = answererOf(receipt);
    const attempt = receipt.attempts.findLast((one) => one.outcome === 'released');
    const name = attempt && specialistOf(attempt);
    if (spoke === undefined || attempt === undefined || name === undefined) return;
    const said = outcomesOf(receipt, feedback).filter((one) => one.source !== 'verification');
    const grade = gradeOf(said, spoke);
    if (grade === undefined) return;
    try {
      const versions = await this.#parts.registry.versions(name);
      const answered = versions.find((one) => isModelOf(one, attempt.model));
      if (answered?.body.stage === 'live')
        await this.#learn(versions, answered, receipt.at, grade.score);
      if (answered !== undefined) await this.#try(versions, answered, receipt.at, grade.score);
    } catch (error) {
      this.#parts.log(`specialists: ${toCadreError(error).message}`);
    }
  }

  /** A grade of either side of a trial; one that is older than the trial is not of it. */
  async #try(
    versions: readonly StoredVersion[],
    { row, body }: StoredVersion,
    at: number,
    score: number,
  ): Promise<void> {
    const { registry, room, log, clock } = this.#parts;
    const tried = versions.find((one) => one.body.stage === 'canary');
    const before = tried?.body.trial;
    if (tried === undefined || before === undefined || at < before.since) return;
    const isOwn = row.id === tried.row.id;
    const isLive = body.stage === 'live' && body.manifest.version === before.against;
    if (!isOwn && !isLive) return;
    const trial = await registry.learnTrial(tried.row.id, (known) =>
      isOwn ? learnOwn(known, score) : learnLive(known, score),
    );
    const verdict = trial && verdictOf(trial, clock.now());
    if (verdict === undefined) return;
    const ended = await room.settle(tried.body.manifest, verdict);
    if (ended !== undefined) log(`${tried.row.id}: ${ended.words}`);
  }

  async #learn(
    versions: readonly StoredVersion[],
    live: StoredVersion,
    at: number,
    score: number,
  ): Promise<void> {
    const { registry, room, log } = this.#parts;
    const { id } = live.row;
    // What it said before it was live, or when it was so last, is no word on how it does now.
    if (at < (liveSince(live.body) ?? 0)) return;
    const before = earlierOf(versions, live)?.body.watch;
    const expected = expectedGrade(live.body.manifest, before);
    const watch = await registry.watch(id, (known = UNWATCHED) =>
      watchAnswer(known, score, expected),
    );
    const alarm = watch && alarmOf(watch);
    if (alarm === undefined) return;
    const isBack = await room.withdraw(live.body.manifest, alarm);
    // What cannot be helped is said once, and again when it has gathered anew.
    if (!isBack)
      await registry.watch(id, (known = UNWATCHED) => ({ ...known, chart: CALM, alarm }));
    log(
      `${id}: ${alarm}; ${isBack ? 'the version before serves again' : 'there is none before it'}`,
    );
  }
}
