import { toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { type CanaryVerdict, verdictOf } from '../learn/canary-test.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import type { SpecialistRoom } from './specialist-room.ts';
import type { SpecialistShelf } from './specialists.ts';
import { liveOf } from './version-choice.ts';
import { servesNoMore } from './version-moves.ts';

interface EndParts {
  readonly registry: Pick<SpecialistRegistry, 'versions'>;
  readonly room: Pick<SpecialistRoom, 'settle'>;
  readonly shelf: Pick<SpecialistShelf, 'trials'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

/**
 * Ends trials that no grade ends: those past their days, and those whose live version serves no more.
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
    for (const tried of versions.filter((one) => one.body.stage === 'canary')) {
      const verdict = endOf(versions, tried, clock.now());
      if (verdict === undefined) continue;
      const ended = await room.settle(tried.body.manifest, verdict);
      if (ended !== undefined) log(`${tried.row.id}: ${ended.words}`);
    }
  }
}

/** What becomes of a trial now; undefined = it goes on. */
export function endOf(
  versions: readonly StoredVersion[],
  { body: { trial } }: StoredVersion,
  now: number,
): CanaryVerdict | undefined {
  if (trial === undefined) return { to: 'candidate', words: 'nothing is known of its trial' };
  if (liveOf(versions)?.body.manifest.version !== trial.against)
    return { to: 'candidate', words: servesNoMore(trial.against) };
  return verdictOf(trial, now);
}
