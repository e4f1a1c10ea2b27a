import type { SourceListing } from '../../core/source.ts';

const ROWS = 'name the file as a place of its own, with `--sql QUERY` for the rows that are read';
/** How files are read that are no document but hold some. */
const WAYS: Readonly<Record<string, string>> = {
  '.mbox': 'name it as a place of its own, or its folder with `--as mail`',
  '.db': ROWS,
  '.sqlite': ROWS,
  '.sqlite3': ROWS,
};

/** Counts the files that no parser reads, by suffix. */
export class UnreadSuffixes {
  readonly #counts = new Map<string, number>();

  add(path: string): void {
    const suffix = /\.[^./]{1,12}$/.exec(path)?.[0].toLowerCase() ?? '';
    this.#counts.set(suffix, (this.#counts.get(suffix) ?? 0) + 1);
  }

  get skipped(): SourceListing['skipped'] {
    return [...this.#counts].map(([suffix, count]) => {
      const counted =
        count === 1
          ? 'one file of this kind is not read'
          : `${count} files of this kind are not read`;
      const way = WAYS[suffix];
      return { path: `*${suffix}`, reason: way === undefined ? counted : `${counted}; ${way}` };
    });
  }
}
