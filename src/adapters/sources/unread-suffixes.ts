import type { SourceListing } from '../../core/source.ts';

/** Counts the files that no parser reads, by suffix. */
export class UnreadSuffixes {
  readonly #counts = new Map<string, number>();

  add(path: string): void {
    const suffix = /\.[^./]{1,12}$/.exec(path)?.[0].toLowerCase() ?? '';
    this.#counts.set(suffix, (this.#counts.get(suffix) ?? 0) + 1);
  }

  get skipped(): SourceListing['skipped'] {
    return [...this.#counts].map(([suffix, count]) => ({
      path: `*${suffix}`,
      reason:
        count === 1
          ? 'one file of this kind is not read'
          : `${count} files of this kind are not read`,
    }));
  }
}
