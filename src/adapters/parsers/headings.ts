const LONGEST_HEADING = 160;

/** The headings above a place, outermost first. */
export class HeadingPath {
  #open: readonly { readonly level: number; readonly text: string }[] = [];

  /** Enters a heading; those of the same or a deeper level end. Returns the path with it. */
  enter(level: number, text: string): readonly string[] {
    const short = text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_HEADING).toWellFormed();
    this.#open = [...this.#open.filter((one) => one.level < level), { level, text: short }];
    return this.path();
  }

  path(): readonly string[] {
    return this.#open.map((one) => one.text);
  }
}
