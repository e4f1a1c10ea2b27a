import type { CanaryTrial } from '../core/canary.ts';
import type { CandidateShadow } from '../core/candidate-shadow.ts';
import { CadreError } from '../core/errors.ts';
import type { ObjectRow } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import {
  type SpecialistBody,
  type SpecialistManifest,
  type SpecialistMove,
  type SpecialistStage,
  versionName,
} from '../core/specialist.ts';
import type { SpecialistWatch } from '../core/specialist-watch.ts';
import { shadowWords } from './candidate-shadow.ts';
import {
  type ContentParts,
  readContent,
  type SpecialistContent,
  writeContent,
} from './specialist-content.ts';
import { keptVersions, type StoredVersion } from './version-keeping.ts';

export interface RegistryParts extends ContentParts {
  readonly clock: Clock;
}

export type Draft = Omit<SpecialistManifest, 'version' | 'madeAt' | 'contentHash' | 'taughtHash'>;

interface MoveOptions {
  readonly isShared?: boolean;
  /** What begins with the move. */
  readonly trial?: CanaryTrial;
  readonly shadow?: CandidateShadow;
}

const PAGE = 500;
/** A version that is still being written after this was left by a process that ended. */
const MAKING_MS = 3_600_000;

/**
 * Versions of specialists in the store, one row each. A row says `making` until its content is whole,
 * and every move of a version changes one row against what was seen: whatever ends a process in
 * between, what served before is still there. Where two are `live`, the one that became so last is.
 */
export class SpecialistRegistry {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** All that are whole, newest first. */
  async all(): Promise<StoredVersion[]> {
    return (await this.#rows())
      .map((row) => ({ row, body: row.body as SpecialistBody }))
      .filter(({ body }) => body.stage !== 'making');
  }

  /** Of one name, the greatest version first. */
  async versions(name: string): Promise<StoredVersion[]> {
    return (await this.#rows(`${name}@`))
      .map((row) => ({ row, body: row.body as SpecialistBody }))
      .filter(({ body }) => body.stage !== 'making')
      .toSorted((a, b) => b.body.manifest.version - a.body.manifest.version);
  }

  /**
   * Stores a new version. Rejects with the store's error, or as `requireWanted` does, which is asked
   * when all is written; then there is none.
   */
  async add(
    draft: Draft,
    key: string,
    content: SpecialistContent,
    {
      isPrivate = false,
      ...move
    }: Pick<SpecialistMove, 'by' | 'reason'> & { readonly isPrivate?: boolean },
    requireWanted: () => Promise<void> = async () => undefined,
  ): Promise<StoredVersion> {
    const { objects, clock } = this.#parts;
    const { row, body } = await this.#claim(draft, key, content);
    try {
      await writeContent(objects, row.id, content);
      const made: SpecialistBody = {
        ...body,
        stage: 'candidate',
        ...(isPrivate ? { isPrivate } : {}),
        moves: [{ at: clock.now(), from: 'making', to: 'candidate', act: 'made', ...move }],
      };
      await requireWanted();
      if (await objects.doChangeObject({ ...row, body: made }, body)) return { row, body: made };
      throw new CadreError('conflict', `${row.id} was removed while it was written`);
    } catch (error) {
      await objects.doDeleteObject('specialist', row.id).catch(() => false);
      throw error;
    }
  }

  /**
   * Moves one version, and lets every key use it where it `isShared` from then on; undefined when it
   * is not there, or no longer in a stage of `from`.
   */
  move(
    id: string,
    from: readonly SpecialistStage[],
    move: Omit<SpecialistMove, 'at' | 'from'>,
    { isShared = false, ...begun }: MoveOptions = {},
  ): Promise<SpecialistBody | undefined> {
    return this.#change(id, from, ({ watch, isPrivate, trial: _trial, shadow, ...body }) => {
      if (move.to === 'live' && body.bytesGone) return undefined;
      // What its answers beside the live version showed stays in the lineage.
      const reason = [move.reason, ...(shadow ? [`it ${shadowWords(shadow)}`] : [])].join('; ');
      return {
        ...body,
        ...(isPrivate === undefined || isShared ? {} : { isPrivate }),
        stage: move.to,
        moves: [...body.moves, { at: this.#parts.clock.now(), from: body.stage, ...move, reason }],
        // Who is live again is watched anew; of the others it stays known how they did.
        ...(watch === undefined || move.to === 'live' ? {} : { watch }),
        ...begun,
      };
    });
  }

  /** Deletes the models of versions of a name beyond those of `keptVersions`; the rows stay. */
  async shed(name: string): Promise<void> {
    const versions = await this.versions(name);
    const kept = new Set(keptVersions(versions).map((one) => one.row.id));
    for (const { row, body } of versions) {
      if (body.bytesGone || kept.has(row.id)) continue;
      if (body.stage !== 'retired')
        await this.move(row.id, [body.stage], {
          to: 'retired',
          act: 'retired',
          by: 'farm',
          reason: 'newer candidates take its room',
        });
      // The row says so first: what is half deleted must not become live.
      const gone = await this.#change(row.id, ['retired'], (found) => ({
        ...found,
        bytesGone: true,
      }));
      if (gone !== undefined) await this.#parts.objects.doDropParts('specialist', row.id);
    }
  }

  /** Keeps what is known of a live version; undefined when it is live no more. */
  async watch(
    id: string,
    learn: (watch: SpecialistWatch | undefined) => SpecialistWatch,
  ): Promise<SpecialistWatch | undefined> {
    const body = await this.#change(id, ['live'], (found) => ({
      ...found,
      watch: learn(found.watch),
    }));
    return body?.watch;
  }

  /** Keeps what is known of a trial; undefined when it is over, or `learn` makes nothing of it. */
  async learnTrial(
    id: string,
    learn: (trial: CanaryTrial) => CanaryTrial | undefined,
  ): Promise<CanaryTrial | undefined> {
    const body = await this.#change(id, ['canary'], ({ trial: known, ...found }) => {
      const trial = known && learn(known);
      return trial && { ...found, trial };
    });
    return body?.trial;
  }

  /** Keeps what is known of a candidate that answers unseen; undefined when it does no more. */
  async learnShadow(
    id: string,
    learn: (shadow: CandidateShadow) => CandidateShadow,
  ): Promise<CandidateShadow | undefined> {
    const body = await this.#change(id, ['shadow'], ({ shadow, ...found }) =>
      shadow === undefined ? undefined : { ...found, shadow: learn(shadow) },
    );
    return body?.shadow;
  }

  /** Against what was seen; undefined when it is not there, or no longer in one of the stages. */
  async #change(
    id: string,
    stages: readonly SpecialistStage[],
    change: (body: SpecialistBody) => SpecialistBody | undefined,
  ): Promise<SpecialistBody | undefined> {
    const { objects } = this.#parts;
    for (;;) {
      const row = await objects.doGetObject('specialist', id);
      const found = row?.body as SpecialistBody | undefined;
      if (row === undefined || found === undefined || !stages.includes(found.stage))
        return undefined;
      const body = change(found);
      if (body === undefined) return undefined;
      if (await objects.doChangeObject({ ...row, body }, found)) return body;
    }
  }

  /** The content, verified. Rejects with `specialist_damaged`. */
  read(version: StoredVersion): Promise<SpecialistContent> {
    return readContent(this.#parts, version);
  }

  /** Deletes what was never finished, or not wholly deleted, by processes that ended. */
  async tidy(isAlone: boolean): Promise<void> {
    const { objects, clock } = this.#parts;
    for (const row of await this.#rows()) {
      const { stage, bytesGone } = row.body as SpecialistBody;
      if (bytesGone) await objects.doDropParts('specialist', row.id);
      const isLeft = isAlone || row.createdAt < clock.now() - MAKING_MS;
      if (stage === 'making' && isLeft) await objects.doDeleteObject('specialist', row.id);
    }
  }

  async #rows(prefix?: string): Promise<ObjectRow[]> {
    const found: ObjectRow[] = [];
    for (let after: string | undefined; ; ) {
      const rows = await this.#parts.objects.doListObjects({
        kind: 'specialist',
        limit: PAGE,
        ...(prefix === undefined ? {} : { prefix }),
        ...(after === undefined ? {} : { after }),
      });
      found.push(...rows);
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return found;
    }
  }

  /** The next free version, taken by a row of its own. */
  async #claim(draft: Draft, key: string, content: SpecialistContent): Promise<StoredVersion> {
    const { objects, signer, clock, hash } = this.#parts;
    const hashes = { contentHash: hash(content.bytes), taughtHash: hash(content.taught) };
    const known = await this.versions(draft.name);
    for (let version = (known[0]?.body.manifest.version ?? 0) + 1; ; version += 1) {
      const madeAt = clock.now();
      const manifest: SpecialistManifest = { ...draft, version, madeAt, ...hashes };
      const signature = {
        keyId: signer.keyId,
        publicKey: signer.publicKey,
        value: signer.sign(JSON.stringify(manifest)),
      };
      const body: SpecialistBody = { manifest, signature, stage: 'making', moves: [] };
      const id = versionName(manifest);
      const row: ObjectRow = { kind: 'specialist', id, key, createdAt: madeAt, body };
      if (await objects.doAddObject(row)) return { row, body };
    }
  }
}
