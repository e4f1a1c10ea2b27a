import type { SourceSpec } from '../core/config-source.ts';
import type { OpenSource, Source } from '../core/source.ts';

/** The sources that are open: each collection has its own, which remember what they saw last. */
export class SourceShelf {
  readonly #open: OpenSource;
  readonly #opened = new Map<string, Map<string, Source>>();

  constructor(open: OpenSource) {
    this.#open = open;
  }

  of(collection: string): OpenSource {
    return (spec: SourceSpec) => {
      const opened = this.#opened.get(collection) ?? new Map<string, Source>();
      this.#opened.set(collection, opened);
      const key = JSON.stringify(spec);
      const source = opened.get(key) ?? this.#open(spec);
      opened.set(key, source);
      return source;
    };
  }

  forget(collection: string): void {
    this.#opened.delete(collection);
  }
}
