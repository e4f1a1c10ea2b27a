import type { CanaryTrial } from '../core/canary.ts';
import { toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { type CanaryVerdict, verdictOf } from '../learn/canary-test.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import type { SpecialistRoom } from './specialist-room.ts';
import type { SpecialistShelf } from './specialists.ts';
import { liveOf } from './version-choice.ts';
import { besideOf, isBeside, servesNoMore } from './version-moves.ts';

interface EndParts {
  readonly registry: Pick<SpecialistRegistry, 'versions'>;
  /** Reads what became of answers that nobody graded; resolves to the trial as it is then. */
  readonly read: (tried: StoredVersion, live: StoredVersion) => Promise<CanaryTrial | undefined>;
  readonly room: Pick<SpecialistRoom, 'settle'>;
  readonly shelf: Pick<SpecialistShelf, 'trials'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

/**
 * Ends trials that no person's word ends: those past their days, those of which too many answers gave
 * way, and those whose live version serves no more.
 * Every node may look; the store lets one of them decide.
 */
export class TrialEnds {
  readonly #parts: EndParts;
  /** What was said of a trial that could not be ended, so that it is not said with every look. */
  readonly #said = new Map<string, string>();

  constructor(parts: EndParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async look(): Promise<void> {
    for (const name of this.#parts.shelf.trials)
      try {
        await this.#lookAt(name);
        this.#said.delete(name);
      } catch (error) {
        const { message } = toCadreError(error);
        if (this.#said.get(name) !== message)
          this.#parts.log(`specialists: the trial of ${name} cannot be ended: ${message}`);
        this.#said.set(name, message);
      }
  }

  async #lookAt(name: string): Promise<void> {
    const { registry, room, clock, log } = this.#parts;
    const versions = await registry.versions(name);
    for (const tried of versions.filter(isBeside)) {
      const verdict = await this.#verdictOn(versions, tried, clock.now());
      if (verdict === undefined) continue;
      const ended = await room.settle(tried.body.manifest, verdict);
      if (ended !== undefined) log(`${tried.row.id}: ${ended.words}`);
    }
  }

  /** What becomes of a trial now; undefined = it goes on. */
  async #verdictOn(
    versions: readonly StoredVersion[],
    tried: StoredVersion,
    now: number,
  ): Promise<CanaryVerdict | undefined> {
    const against = besideOf(tried);
    const live = liveOf(versions);
    if (live === undefined || live.body.manifest.version !== against)
      return { to: 'candidate', words: servesNoMore(against) };
    if (tried.body.stage === 'shadow') return undefined;
    const trial = await this.#parts.read(tried, live);
    return trial && verdictOf(trial, now);
  }
}
