import { CALM } from '../base/cusum.ts';
import { toCadreError } from '../core/errors.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { FeedbackRow } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { learnLive, learnOwn, verdictOf } from '../learn/canary-test.ts';
import { alarmOf, expectedGrade, UNWATCHED, watchAnswer } from '../learn/live-watch.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { earlierOf, liveSince, type StoredVersion } from '../learn/version-keeping.ts';
import { answererOf, gradeOf, outcomesOf } from '../record/outcomes.ts';
import { countLabel } from './shadow-answers.ts';
import { isModelOf, specialistOf } from './specialist-answer.ts';
import type { SpecialistRoom } from './specialist-room.ts';
import { labelScore } from './traffic-reading.ts';
import { trialAnswer } from './trial-grades.ts';
import { type MarkObjects, markGraded } from './trial-marks.ts';
import { liveOf } from './version-choice.ts';

interface WatchParts {
  readonly registry: SpecialistRegistry;
  readonly room: Pick<SpecialistRoom, 'withdraw' | 'settle'>;
  readonly objects: MarkObjects & Pick<ObjectStore, 'doChangeObject'>;
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
      await this.#try(versions, receipt, grade.score);
    } catch (error) {
      this.#parts.log(`specialists: ${toCadreError(error).message}`);
    }
  }

  /**
   * A person's label of a request whose answer is kept: it grades either side of a trial, and what a
   * candidate answered unseen. The live version is not watched by it, for people are asked for the
   * hardest rows. Never rejects.
   */
  async learnLabelled(receipt: Receipt, answer: string, label: string): Promise<void> {
    const attempt = receipt.attempts.findLast((one) => one.outcome === 'released');
    const name = attempt && specialistOf(attempt);
    if (name === undefined) return;
    try {
      const versions = await this.#parts.registry.versions(name);
      const score = labelScore(answer, label);
      if (score !== undefined) await this.#try(versions, receipt, score);
      const unseen = versions.find((one) => one.body.stage === 'shadow');
      if (unseen !== undefined) await countLabel(this.#parts, unseen.row.id, receipt.id, label);
    } catch (error) {
      this.#parts.log(`specialists: ${toCadreError(error).message}`);
    }
  }

  /** A grade of either side of a trial, once for each request. */
  async #try(versions: readonly StoredVersion[], receipt: Receipt, score: number): Promise<void> {
    const { registry, objects, room, log, clock } = this.#parts;
    const tried = versions.find((one) => one.body.stage === 'canary');
    const live = liveOf(versions);
    const before = tried?.body.trial;
    if (tried === undefined || before === undefined || live === undefined) return;
    if (live.body.manifest.version !== before.against) return;
    const answer = trialAnswer(receipt, tried, live);
    if (answer?.attempt.outcome !== 'released') return;
    if (!(await markGraded(objects, tried.row.id, receipt, before))) return;
    const trial = await registry.learnTrial(tried.row.id, (known) =>
      answer.arm === 'own' ? learnOwn(known, score) : learnLive(known, score),
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
