import type { FleetView, ModelView } from './fleet-view.ts';
import { Place } from './place.ts';

/** All models that were ever asked for, and the memory that they and others hold. */
export class Places {
  readonly #places = new Map<string, Place>();
  /** Bytes of models that live elsewhere under the same budget (embedders). */
  readonly #held = new Map<string, number>();

  get(id: string): Place | undefined {
    return this.#places.get(id);
  }

  all(): readonly Place[] {
    return [...this.#places.values()];
  }

  add(id: string): Place {
    const place = new Place(id);
    this.#places.set(id, place);
    return place;
  }

  hold(id: string, bytes: number): void {
    this.#held.set(id, bytes);
  }

  letGo(id: string): void {
    this.#held.delete(id);
  }

  heldBytes(id: string): number | undefined {
    return this.#held.get(id);
  }

  heldElsewhere(): number {
    let bytes = 0;
    for (const held of this.#held.values()) bytes += held;
    return bytes;
  }

  /** Bytes of all models in memory, those being loaded with what they will need. */
  used(): number {
    let bytes = this.heldElsewhere();
    for (const place of this.#places.values()) bytes += place.heldBytes;
    return bytes;
  }

  /** Bytes without those that are still being loaded. */
  settled(): number {
    let bytes = this.used();
    for (const place of this.#places.values())
      if (place.state === 'loading') bytes -= place.heldBytes;
    return bytes;
  }

  isLoading(): boolean {
    return this.all().some(({ state }) => state === 'loading');
  }

  /** Bytes of the models that were in memory and gave way. */
  saved(): number {
    let bytes = 0;
    for (const place of this.#places.values())
      if (place.state === 'out' && place.loadMs !== undefined) bytes += place.neededBytes ?? 0;
    return bytes;
  }

  pinnedBeside(place: Place): readonly Place[] {
    return this.all().filter((one) => one.pinned && one !== place);
  }

  /** Idle, in memory, and nobody waits for them or pinned them. */
  unwanted(now: number): readonly ModelView[] {
    return this.all()
      .filter(({ pinned, line, life }) => !pinned && line.length === 0 && life?.activeCount === 0)
      .map((place) => place.asView(now))
      .filter(({ state }) => state === 'resident');
  }

  views(now: number): FleetView['models'] {
    return this.all().map((place) => place.asView(now));
  }
}
