import { type CharacterSource, isBlank, isDigit, type Span } from './characters.ts';

/** A run of digits with what stands before it. */
export interface DigitGroup {
  readonly start: number;
  readonly end: number;
  /** What parts it from the group before; undefined when the group starts a run. */
  readonly separator: Separator | undefined;
}

/** One mark (blanks are ` `), or `pair` for two, as in `) ` and ` (`. */
export type Separator = ' ' | '-' | '.' | '/' | '(' | ')' | 'pair';

const MARKS: Readonly<Record<number, Separator>> = {
  32: ' ',
  9: ' ',
  160: ' ',
  40: '(',
  41: ')',
  45: '-',
  46: '.',
  47: '/',
};

/** A table of a million numbers is one run; it is read in pieces of this many groups. */
const PIECE = 4096;
/** Groups at the end of a piece that are read again with what follows; nothing wanted has more. */
const OVERLAP = 32;

/** What a finder says about the groups from `index` on. */
type Finder = (groups: readonly DigitGroup[], index: number) => Span | undefined;

/** The first group from `from` on at which the finder finds something. */
export function findInGroups(
  text: CharacterSource,
  from: number,
  finder: Finder,
): Span | undefined {
  let at = from;
  for (;;) {
    const groups = nextDigitGroups(text, at);
    const last = groups.at(-1);
    if (last === undefined) return undefined;
    const cut = groups.length === PIECE;
    const end = cut ? PIECE - OVERLAP : groups.length;
    for (let index = 0; index < end; index += 1) {
      const found = finder(groups, index);
      if (found !== undefined) return found;
    }
    at = cut ? (groups[end]?.start ?? last.end) : last.end;
  }
}

export function lengthOf(group: DigitGroup | undefined): number {
  return group === undefined ? 0 : group.end - group.start;
}

/**
 * The next run of digit groups from `from` on, e.g. `030` `1234` `56` in `(030) 1234-56`; groups
 * belong together while at most two marks stand between them. Empty at the end of the text.
 */
function nextDigitGroups(text: CharacterSource, from: number): readonly DigitGroup[] {
  let at = from;
  while (at < text.length && !isDigit(text.charCodeAt(at))) at += 1;
  const groups: DigitGroup[] = [];
  let separator: Separator | undefined;
  while (at < text.length && groups.length < PIECE) {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    groups.push({ start, end: at, separator });
    separator = separatorAt(text, at);
    if (separator === undefined) return groups;
    at += separator === 'pair' ? 2 : 1;
  }
  return groups;
}

/** One or two marks that another digit follows. */
function separatorAt(text: CharacterSource, at: number): Separator | undefined {
  const mark = MARKS[text.charCodeAt(at)];
  if (mark === undefined) return undefined;
  const next = text.charCodeAt(at + 1);
  if (isDigit(next)) return mark;
  const paired = isBlank(next) || MARKS[next] !== undefined;
  return paired && isDigit(text.charCodeAt(at + 2)) ? 'pair' : undefined;
}
