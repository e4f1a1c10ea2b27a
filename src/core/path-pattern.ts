/**
 * Whether a path with forward slashes fits a pattern: `?` is one character and `*` any number of
 * them within a name, `**` any number of folders. A pattern that ends with `/` stands for all that
 * is below; one without a slash fits a name in any folder. Takes at most length × length steps.
 */
export function matchesPath(pattern: string, path: string): boolean {
  return matchSequence(segmentsOf(pattern), path.split('/'), isAnyDepth, matchesName);
}

/** As `matchesPath`, and also where the pattern fits a folder that the path lies in. */
export function coversPath(pattern: string, path: string): boolean {
  const segments = [...segmentsOf(pattern), '**'];
  return matchSequence(segments, path.split('/'), isAnyDepth, matchesName);
}

function segmentsOf(pattern: string): string[] {
  const whole = pattern.replace(/^\.?\//, '');
  if (whole.endsWith('/')) return [...whole.slice(0, -1).split('/'), '**'];
  return whole.includes('/') || pattern !== whole ? whole.split('/') : ['**', whole];
}

function isAnyDepth(segment: string): boolean {
  return segment === '**';
}

function matchesName(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  return matchSequence(
    [...pattern],
    [...name],
    (character) => character === '*',
    (expected, found) => expected === '?' || expected === found,
  );
}

/** Greedy, going back to the last star alone: that is enough, since a later star can take more. */
function matchSequence(
  pattern: readonly string[],
  items: readonly string[],
  isStar: (part: string) => boolean,
  matches: (part: string, item: string) => boolean,
): boolean {
  let at = 0;
  let star = -1;
  let starItem = 0;
  for (let item = 0; item < items.length; ) {
    const part = pattern[at];
    if (part !== undefined && isStar(part)) {
      star = at;
      starItem = item;
      at += 1;
    } else if (part !== undefined && matches(part, items[item] ?? '')) {
      at += 1;
      item += 1;
    } else if (star >= 0) {
      starItem += 1;
      item = starItem;
      at = star + 1;
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}
