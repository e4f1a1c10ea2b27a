import type { ModelEntry, ModelState, ModelStatus } from '../core/catalogue.ts';
import type { Priority } from '../core/priority.ts';
import { type Catalogue, fileBytesOf } from './catalogue.ts';
import type { ModelLibrary } from './library.ts';
import type { Place } from './place.ts';
import type { ModelPuller } from './puller.ts';
import type { ModelResidency } from './residency.ts';

interface Speed {
  readonly prompt: number | undefined;
  readonly generated: number | undefined;
}

/** One picture of all models: the catalogue, the disk, running pulls, memory, measured speeds. */
export class ModelStatuses {
  readonly #catalogue: Catalogue;
  readonly #embedders: readonly ModelEntry[];
  readonly #library: ModelLibrary;
  readonly #puller: ModelPuller;
  readonly #residency: ModelResidency;
  readonly #speeds = new Map<string, Speed>();

  constructor(
    catalogue: Catalogue,
    library: ModelLibrary,
    puller: ModelPuller,
    residency: ModelResidency,
  ) {
    this.#catalogue = catalogue;
    this.#embedders = catalogue.entries.filter((one) => one.capabilities.includes('embed'));
    this.#library = library;
    this.#puller = puller;
    this.#residency = residency;
  }

  /**
   * Notes the speeds of a request, in tokens per second. A speed that could not be measured (no
   * token, no time) leaves the last one as it was.
   */
  recordSpeed(
    id: string,
    promptTokensPerSecond: number | undefined,
    generatedTokensPerSecond: number | undefined,
  ): void {
    const last = this.#speeds.get(id);
    this.#speeds.set(id, {
      prompt: measured(promptTokensPerSecond) ?? last?.prompt,
      generated: measured(generatedTokensPerSecond) ?? last?.generated,
    });
  }

  /** In the order of the catalogue. */
  statuses(): readonly ModelStatus[] {
    return this.#catalogue.entries.map((entry) => this.#statusOf(entry));
  }

  /** States of those that embed, in the order of `embedders`; looked at with every request. */
  embedderStates(): readonly ModelState[] {
    return this.#embedders.map(({ id }) => this.#stateOf(id));
  }

  /** Those that embed. */
  embedders(): readonly ModelStatus[] {
    return this.#embedders.map((entry) => this.#statusOf(entry));
  }

  /** Throws `model_not_found`. */
  status(id: string): ModelStatus {
    return this.#statusOf(this.#catalogue.get(id));
  }

  #statusOf(entry: ModelEntry): ModelStatus {
    const { id } = entry;
    const place = this.#residency.placeOf(id);
    const state = this.#stateOf(id);
    const fileBytes = fileBytesOf(entry);
    const speed = this.#speeds.get(id);
    const problem = this.#problemOf(id, state);
    const isOnDisk = state !== 'absent' && state !== 'damaged';
    return {
      id,
      title: entry.title,
      capabilities: entry.capabilities,
      contextLength: entry.contextLength,
      licence: entry.licence,
      parameters: entry.parameters,
      ...(entry.merged === undefined ? {} : { merged: entry.merged }),
      state,
      starter: entry.starter !== undefined,
      fileBytes,
      pulledBytes:
        state === 'pulling' ? (this.#puller.progressOf(id)?.bytes ?? 0) : isOnDisk ? fileBytes : 0,
      memoryBytes: this.#residency.heldBytes(id) ?? place?.heldBytes ?? 0,
      ...(state === 'loading' ? { loadedShare: place?.life?.loadedShare ?? 0 } : {}),
      ...adaptersOf(place),
      activeRequests: place?.life?.activeCount ?? 0,
      queuedRequests: place?.line.length ?? 0,
      ...queueOf(place),
      ...(place?.pinned === true ? { pinned: true } : {}),
      ...nextRequestOf(this.#residency.expectedMs(id)),
      ...(speed?.prompt === undefined ? {} : { promptTokensPerSecond: speed.prompt }),
      ...(speed?.generated === undefined ? {} : { generatedTokensPerSecond: speed.generated }),
      ...(place?.loadMs === undefined ? {} : { loadMs: place.loadMs }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  #stateOf(id: string): ModelState {
    const place = this.#residency.placeOf(id);
    if (this.#puller.isPulling(id)) return 'pulling';
    if (this.#residency.heldBytes(id) !== undefined) return 'resident';
    if (place && place.state !== 'out') return place.state;
    const { state } = this.#library.stateOf(id);
    return state === 'installed' && place?.problem !== undefined ? 'failed' : state;
  }

  #problemOf(id: string, state: ModelState): string | undefined {
    if (state === 'damaged') return this.#library.stateOf(id).problem;
    if (state === 'absent' || state === 'pulling') return this.#puller.problemOf(id);
    return this.#residency.placeOf(id)?.problem;
  }
}

function measured(speed: number | undefined): number | undefined {
  return speed !== undefined && Number.isFinite(speed) && speed > 0 ? speed : undefined;
}

function adaptersOf(place: Place | undefined): Pick<ModelStatus, 'adapters'> {
  const adapters = place?.life?.loaded?.adapterCount ?? 0;
  return adapters > 0 ? { adapters } : {};
}

function queueOf(place: Place | undefined): Pick<ModelStatus, 'queuedBatch' | 'queuedBackground'> {
  const waiters = place?.line.waiters ?? [];
  const count = (priority: Priority) => waiters.filter((one) => one.priority === priority).length;
  const [batch, background] = [count('batch'), count('background')];
  return {
    ...(batch > 0 ? { queuedBatch: batch } : {}),
    ...(background > 0 ? { queuedBackground: background } : {}),
  };
}

function nextRequestOf(ms: number | undefined): Pick<ModelStatus, 'nextRequestSeconds'> {
  return ms === undefined ? {} : { nextRequestSeconds: Math.max(1, Math.round(ms / 1000)) };
}
