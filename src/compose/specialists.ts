import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { specialistClassifier } from '../adapters/models/specialist-classifier.ts';
import { madeOf } from '../adapters/models/specialist-parts.ts';
import { type CountingEmbedder, specialistRanker } from '../adapters/models/specialist-ranker.ts';
import type { CanaryRoute } from '../core/canary.ts';
import type { ShadowRoute } from '../core/candidate-shadow.ts';
import type { SpokeConfig } from '../core/config.ts';
import { toCadreError } from '../core/errors.ts';
import type { Classifier } from '../core/ports.ts';
import type { Ranker, RankerName } from '../core/ranker.ts';
import {
  SERVED_STAGES,
  type SpecialistBody,
  specialistReaders,
  versionName,
} from '../core/specialist.ts';
import { specialistSpoke } from '../core/specialist-spoke.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { byLiveTime, predecessors, type StoredVersion } from '../learn/version-keeping.ts';
import type { AdapterFiles } from './adapters.ts';
import { besideOf, isBeside } from './version-moves.ts';

/** The specialists that serve, as one generation of the request path sees them. */
export interface ServedSpecialists {
  readonly spokes: readonly SpokeConfig[];
  /** Those that order passages and answer no request in words. */
  readonly rankers: readonly RankerName[];
  classifierOf(spoke: string): Classifier | undefined;
  /** Of one that is an adapter. */
  measuredOf(spoke: string): Measured | undefined;
  /** The version that is tried in the place of the live one at times. */
  canaryOf(spoke: string): CanaryRoute | undefined;
  /** The candidate that answers unseen what the spoke has answered. */
  shadowOf(spoke: string): ShadowRoute | undefined;
  /** Whether there is any such candidate. */
  readonly isShadowed: boolean;
  /** Who may use it; undefined = every key. */
  readersOf(spoke: string): readonly string[] | undefined;
}

type Measured = NonNullable<Classifier['made']>;

interface SpecialistParts {
  readonly registry: SpecialistRegistry;
  /** The embedder that the farm has or will have. */
  readonly embedder: CountingEmbedder;
  readonly adapters: Pick<AdapterFiles, 'keep' | 'requireFor'>;
  readonly log: (line: string) => void;
}

interface Served {
  readonly spoke: SpokeConfig;
  /** Which version it is; absent = damaged, and no version before it is whole. */
  readonly version?: string;
  /** Absent where a model of the catalogue serves it with an adapter. */
  readonly classifier?: Classifier;
  readonly measured?: Measured;
  /** Of one that orders passages, which is no spoke. */
  readonly ranks?: { readonly ranker?: Ranker };
  readonly readers: readonly string[] | undefined;
}

/**
 * Which specialists serve now. Everything is read and verified before it takes a place, so a version
 * that is damaged leaves the one before in its place.
 */
export class SpecialistShelf {
  readonly #parts: SpecialistParts;
  #served = new Map<string, Served>();
  #beside: Beside = { canaries: new Map(), shadows: new Map() };
  #trials: readonly string[] = [];
  #current = viewOf(this.#served, this.#beside);
  /** What kept a version from serving, by NAME@VERSION. */
  #problems = new Map<string, string>();

  constructor(parts: SpecialistParts) {
    this.#parts = parts;
  }

  /** What is to serve: the same object until it changes, and that stays as it is. */
  get current(): ServedSpecialists {
    return this.#current;
  }

  problemOf(version: string): string | undefined {
    return this.#problems.get(version);
  }

  /** Names of which a version is tried, shown or not, as the store had it last. */
  get trials(): readonly string[] {
    return this.#trials;
  }

  /** Looks into the store anew. */
  async refresh(): Promise<void> {
    const next = new Map<string, Served>();
    const problems = new Map<string, string>();
    const all = await this.#parts.registry.all();
    for (const [name, versions] of byName(all)) {
      const live = byLiveTime(versions).filter((one) => one.body.stage === 'live')[0];
      if (live !== undefined) {
        const served = await this.#load(name, [live, ...predecessors(versions, live)], problems);
        next.set(name, served ?? damaged(name, live));
      }
      for (const version of versions.filter((one) => SERVED_STAGES.has(one.body.stage))) {
        const id = versionName(version.body.manifest);
        const served = await this.#load(id, [version], problems);
        if (served !== undefined) next.set(id, served);
      }
    }
    const beside = besideLive(next, all);
    if (!isSame(next, this.#served) || !isDeepStrictEqual(beside, this.#beside))
      this.#current = viewOf(next, beside);
    this.#served = next;
    this.#beside = beside;
    const tried = all.filter(isBeside);
    this.#trials = [...new Set(tried.map((one) => one.body.manifest.name))];
    for (const [id, problem] of problems)
      if (this.#problems.get(id) !== problem) this.#parts.log(problem);
    this.#problems = problems;
  }

  /** The first of the versions that is whole. */
  async #load(
    id: string,
    versions: readonly StoredVersion[],
    problems: Map<string, string>,
  ): Promise<Served | undefined> {
    for (const version of versions) {
      const { manifest } = version.body;
      const known = this.#served.get(id);
      if (known?.version === versionName(manifest))
        return { ...known, readers: readersOf(version) };
      try {
        const { bytes } = await this.#parts.registry.read(version);
        await nextTurn();
        const made = await this.#make(id, version.body, bytes);
        return { ...made, version: versionName(manifest), readers: readersOf(version) };
      } catch (error) {
        problems.set(versionName(manifest), toCadreError(error).message);
      }
    }
    return undefined;
  }

  async #make(
    id: string,
    body: SpecialistBody,
    bytes: Uint8Array,
  ): Promise<Omit<Served, 'version' | 'readers'>> {
    const { embedder, adapters } = this.#parts;
    const { base, contentHash, kind } = body.manifest;
    if (kind === 'rank') {
      const ranker = specialistRanker(body.manifest, bytes, embedder);
      return { spoke: specialistSpoke(id, body), ranks: { ranker } };
    }
    if (base === undefined) {
      const classifier = specialistClassifier(id, body.manifest, bytes, embedder);
      return { spoke: specialistSpoke(id, body), classifier };
    }
    const path = await adapters.keep(contentHash, bytes);
    await adapters.requireFor(base, path);
    return { spoke: specialistSpoke(id, body, path), measured: madeOf(body.manifest) };
  }
}

/**
 * Lets what the store has live serve. What counts is what the request path was `composed` of, not what
 * was read last: a path that could not be made is made the next time.
 */
export async function serveShelf(
  shelf: SpecialistShelf,
  composed: () => ServedSpecialists,
  recompose: () => Promise<void>,
): Promise<void> {
  await shelf.refresh();
  if (composed() !== shelf.current) await recompose();
}

/** By the name beside whose live version they are tried. */
interface Beside {
  readonly canaries: Map<string, CanaryRoute>;
  readonly shadows: Map<string, ShadowRoute>;
}

/** Of versions that are tried beside the one that is live, those that can be asked. */
function besideLive(
  served: ReadonlyMap<string, Served>,
  versions: readonly StoredVersion[],
): Beside {
  const found: Beside = { canaries: new Map(), shadows: new Map() };
  for (const one of versions) {
    const { manifest, trial } = one.body;
    const { name } = manifest;
    const spoke = versionName(manifest);
    const against = besideOf(one);
    const isAsked = against !== undefined && isBeside(one) && served.has(spoke);
    if (!isAsked || served.get(name)?.version !== versionName({ name, version: against })) continue;
    const { tolerance } = manifest.report.grades ?? {};
    const readers = served.get(spoke)?.readers;
    if (trial === undefined)
      found.shadows.set(name, {
        spoke,
        ...(tolerance === undefined ? {} : { tolerance }),
        ...(readers && { readers }),
      });
    else found.canaries.set(name, { spoke, share: trial.share });
  }
  return found;
}

/** Its name stays its own, and asking for it says what is the matter. */
function damaged(name: string, live: StoredVersion): Served {
  const isRanker = live.body.manifest.kind === 'rank';
  return {
    spoke: specialistSpoke(name, live.body),
    ...(isRanker && { ranks: {} }),
    readers: readersOf(live),
  };
}

function viewOf(
  served: ReadonlyMap<string, Served>,
  { canaries, shadows }: Beside,
): ServedSpecialists {
  const all = [...served.values()];
  return {
    spokes: all.filter((one) => one.ranks === undefined).map((one) => one.spoke),
    rankers: all.flatMap(({ spoke, ranks, readers }) =>
      ranks === undefined
        ? []
        : [{ id: spoke.id, description: spoke.description, readers, ...ranks }],
    ),
    classifierOf: (spoke) => served.get(spoke)?.classifier,
    measuredOf: (spoke) => served.get(spoke)?.measured,
    readersOf: (spoke) => served.get(spoke)?.readers,
    canaryOf: (spoke) => canaries.get(spoke),
    shadowOf: (spoke) => shadows.get(spoke),
    isShadowed: shadows.size > 0,
  };
}

function readersOf({ row, body }: StoredVersion): readonly string[] | undefined {
  return specialistReaders(body, row.key);
}

export function byName(versions: readonly StoredVersion[]): Map<string, StoredVersion[]> {
  const names = new Map<string, StoredVersion[]>();
  for (const one of versions) {
    const { name } = one.body.manifest;
    const known = names.get(name);
    if (known === undefined) names.set(name, [one]);
    else known.push(one);
  }
  return names;
}

function isSame(one: Map<string, Served>, other: Map<string, Served>): boolean {
  return (
    one.size === other.size &&
    [...one].every(([id, { version, classifier, readers }]) => {
      const known = other.get(id);
      return (
        known !== undefined &&
        known.version === version &&
        known.classifier === classifier &&
        String(known.readers) === String(readers)
      );
    })
  );
}
