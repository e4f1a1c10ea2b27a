import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import {
  type SpecialistLineage,
  type SpecialistManifest,
  type Specialists,
  type SpecialistWish,
  versionName,
} from '../core/specialist.ts';
import type { CanaryVerdict } from '../learn/canary-test.ts';
import { shadowWords } from '../learn/candidate-shadow.ts';
import { promotionOf } from '../learn/promotion.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { earlierOf, type StoredVersion } from '../learn/version-keeping.ts';
import { isModelOf, specialistOf } from './specialist-answer.ts';
import { byName, type SpecialistShelf } from './specialists.ts';
import { isWaiting, liveOf, openTo, versionOf } from './version-choice.ts';
import { beginShadow, beginTrial, endTrial, isBeside, makeLive } from './version-moves.ts';

interface RoomParts {
  readonly registry: SpecialistRegistry;
  readonly clock: Pick<Clock, 'now'>;
  readonly shelf: SpecialistShelf;
  /** Lets what has changed serve. */
  readonly serve: () => Promise<void>;
  /** What in the configuration names a spoke, e.g. `aliases.router`. */
  readonly namedBy: (name: string) => string | undefined;
}

/** Promotes, rolls back and retires; what is said to be done serves. */
export class SpecialistRoom implements Specialists {
  readonly #parts: RoomParts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  async list(principals?: readonly string[]): Promise<readonly SpecialistLineage[]> {
    const names = byName(openTo(await this.#parts.registry.all(), principals));
    return [...names]
      .map(([name, versions]) => this.#lineageOf(name, versions))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async lineage(name: string, principals?: readonly string[]): Promise<SpecialistLineage> {
    return this.#lineageOf(name, await this.#versionsOf(name, principals));
  }

  async answered(receipt: Receipt, principals?: readonly string[]) {
    const attempt = receipt.attempts.findLast((one) => one.outcome === 'released');
    const name = attempt && specialistOf(attempt);
    if (attempt === undefined || name === undefined) return undefined;
    const versions = openTo(await this.#parts.registry.versions(name), principals);
    const found = versions.find((one) => isModelOf(one, attempt.model));
    return found && { ...found.body, key: found.row.key };
  }

  promote(wish: Parameters<Specialists['promote']>[0]): Promise<SpecialistLineage> {
    const { name, version, caller, reason, force = false, canary = false, shadow = false } = wish;
    return this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const live = liveOf(versions);
      const closed = live?.body.isPrivate === true ? live : undefined;
      const wanted = version ?? (versions.find(isWaiting) ?? closed)?.body.manifest.version;
      if (wanted === undefined) throw noCandidate(name, versions);
      const chosen = versionOf(versions, name, wanted);
      if (live?.row.id === chosen.row.id && closed === undefined)
        throw new CadreError('conflict', `${chosen.row.id} is live already`);
      // For its own key alone it served already; for the others nothing is replaced.
      const incumbent = live?.row.id === chosen.row.id ? undefined : live;
      const { verdict, passes, words } = promotionOf(
        chosen.body.manifest,
        incumbent?.body.manifest,
      );
      if (shadow)
        return beginShadow(this.#parts, versions, chosen, incumbent, { by: caller.key, reason });
      if (canary)
        return beginTrial(this.#parts, versions, chosen, incumbent, {
          by: caller.key,
          reason,
          verdict,
          passes,
        });
      if (!passes && !force)
        throw new CadreError(
          'conflict',
          `${chosen.row.id} is not promoted: ${words}. \`force: true\` promotes it all the same`,
        );
      await makeLive(this.#parts, chosen, {
        by: caller.key,
        act: 'promoted',
        reason: [reason, `${passes ? '' : 'forced: '}${words}`].filter(Boolean).join('; '),
        verdict,
        ...(passes ? {} : { isForced: true }),
        isShared: true,
      });
    });
  }

  /** Ends a trial as `endTrial` does; undefined where it has ended already. */
  async settle(
    { name, version }: Pick<SpecialistManifest, 'name' | 'version'>,
    verdict: CanaryVerdict,
  ): Promise<CanaryVerdict | undefined> {
    let ended: CanaryVerdict | undefined;
    await this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const tried = versionOf(versions, name, version);
      if (isBeside(tried)) ended = await endTrial(this.#parts, versions, tried, verdict);
    });
    return ended;
  }

  rollback({ name, caller, reason }: SpecialistWish): Promise<SpecialistLineage> {
    return this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const live = liveOf(versions);
      if (live === undefined) throw new CadreError('conflict', `${name} has no live version`);
      const earlier = earlierOf(versions, live);
      if (earlier === undefined)
        throw new CadreError(
          'conflict',
          `no version served before ${live.row.id} that may serve again; promote one by its number`,
        );
      const words = reason ?? `back from ${live.row.id}`;
      await makeLive(this.#parts, earlier, {
        by: caller.key,
        act: 'rolled-back',
        reason: words,
      });
    });
  }

  /**
   * Lets the version before serve again, by the farm itself; false where another one is live already,
   * or there is none before it.
   */
  async withdraw(
    { name, version }: Pick<SpecialistManifest, 'name' | 'version'>,
    reason: string,
  ): Promise<boolean> {
    let isBack = false;
    await this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const live = liveOf(versions);
      const earlier = live && earlierOf(versions, live);
      if (live?.body.manifest.version !== version || earlier === undefined) return;
      const words = `back from ${live.row.id}: ${reason}`;
      await makeLive(this.#parts, earlier, {
        by: 'farm',
        act: 'rolled-back',
        reason: words,
      });
      isBack = true;
    });
    return isBack;
  }

  retire({ name, version, caller, reason }: SpecialistWish): Promise<SpecialistLineage> {
    return this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const chosen = version === undefined ? versions : [versionOf(versions, name, version)];
      // What was replaced serves no more, but may serve again.
      const going = chosen.filter(({ body }) => body.moves.at(-1)?.act !== 'retired');
      if (going.length === 0) throw new CadreError('conflict', `${name} is retired already`);
      const live = liveOf(versions);
      const holder = this.#parts.namedBy(name);
      if (holder !== undefined && going.some((one) => one.row.id === live?.row.id))
        throw new CadreError(
          'conflict',
          `\`${holder}\` of the configuration stands for ${name}; change it first`,
        );
      for (const one of going)
        await this.#parts.registry.move(
          one.row.id,
          ['candidate', 'shadow', 'canary', 'live', 'retired'],
          {
            to: 'retired',
            act: 'retired',
            by: caller.key,
            reason: reason ?? 'retired by hand',
          },
        );
    });
  }

  /**
   * Takes a fresh version on: it serves at once where its name has no live one, and in the place of the
   * incumbent where it is to be promoted and passes beside it. What serves every key is not replaced by
   * what is one key's alone. Rejects as `requireWanted` does, which is asked before it takes the place.
   */
  async admit(
    fresh: StoredVersion,
    isPromoted: boolean,
    requireWanted: () => Promise<void> = async () => undefined,
  ): Promise<boolean> {
    const { manifest } = fresh.body;
    const { name } = manifest;
    let isLive = false;
    await this.#inTurn(name, async () => {
      const versions = await this.#versionsOf(name);
      const live = liveOf(versions);
      const { verdict, passes, words } = promotionOf(manifest, live?.body.manifest);
      const isClosing = fresh.body.isPrivate === true && live?.body.isPrivate !== true;
      if (live === undefined || (isPromoted && passes && !isClosing)) {
        const move = { by: 'farm', act: 'promoted', reason: words, verdict } as const;
        await requireWanted();
        await makeLive(this.#parts, fresh, move);
        isLive = true;
      }
      await this.#parts.registry.shed(name);
    });
    return isLive;
  }

  /** The version that serves a name. */
  async liveOf(name: string): Promise<StoredVersion | undefined> {
    return liveOf(await this.#parts.registry.versions(name));
  }

  /** Moves follow each other; after each, what serves is what is said. */
  #inTurn(name: string, work: () => Promise<void>): Promise<SpecialistLineage> {
    const turn = this.#turn.then(async () => {
      try {
        await work();
      } finally {
        await this.#parts.serve();
      }
      return this.lineage(name);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #versionsOf(name: string, principals?: readonly string[]): Promise<StoredVersion[]> {
    const { registry } = this.#parts;
    const versions = openTo(await registry.versions(name), principals);
    if (versions.length > 0) return versions;
    const names = [...byName(openTo(await registry.all(), principals)).keys()];
    const near = name.length > 200 ? undefined : nearestName(name, names);
    const hint = near === undefined ? '' : `; did you mean “${near}”?`;
    throw new CadreError(
      'model_not_found',
      `there is no specialist “${name.slice(0, 200)}”${hint}`,
    );
  }

  #lineageOf(name: string, versions: readonly StoredVersion[]): SpecialistLineage {
    const sorted = versions.toSorted((a, b) => b.body.manifest.version - a.body.manifest.version);
    return {
      name,
      live: liveOf(versions)?.body.manifest.version ?? null,
      versions: sorted.map(({ row, body }) => {
        const problem = this.#parts.shelf.problemOf(versionName(body.manifest));
        return {
          ...body,
          key: row.key,
          ...(body.shadow && { standing: shadowWords(body.shadow) }),
          ...(problem === undefined ? {} : { problem }),
        };
      }),
    };
  }
}

function noCandidate(name: string, versions: readonly StoredVersion[]): CadreError {
  const tried = versions.find(({ body }) => body.stage === 'canary');
  const words =
    tried === undefined
      ? 'name a version to promote'
      : `${tried.row.id} is on trial: name its version to let it serve at once`;
  return new CadreError('conflict', `${name} has no candidate; ${words}`);
}
