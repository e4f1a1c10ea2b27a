/** Labels that are told at most; a set with more has another trouble. */
const SHOWN = 10;
/** A label this short differs from others by one letter for good reasons. */
const LENGTH_LEAST = 5;
/** A misspelling is rarer than this share of the right spelling. */
const RARE = 0.2;

/**
 * Pairs of labels that may be one, in words: the same but for case, spaces and punctuation, or one
 * letter apart where one of the two is rare. Numbers in labels are not letters: `tier 1` and `tier 2`
 * differ on purpose.
 */
export function likeLabels(counts: ReadonlyMap<string, number>): string[] {
  const labels = [...counts.keys()].sort();
  const plain = labels.map((label) =>
    label
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, ''),
  );
  const found: string[] = [];
  for (let one = 0; one < labels.length; one += 1) {
    for (let other = one + 1; other < labels.length; other += 1) {
      const [left, right] = [plain[one] ?? '', plain[other] ?? ''];
      const [a, b] = [labels[one] ?? '', labels[other] ?? ''];
      const [few, many] = [counts.get(a) ?? 0, counts.get(b) ?? 0].toSorted((x, y) => x - y);
      const isRare = (few ?? 0) <= Math.max(2, RARE * (many ?? 0));
      if (left !== right && !(isRare && isOneLetterApart(left, right))) continue;
      found.push(
        `the labels “${a}” (${counts.get(a)} rows) and “${b}” (${counts.get(b)}) look like one; they are learnt as two`,
      );
    }
  }
  if (found.length <= SHOWN) return found;
  return [...found.slice(0, SHOWN), `${found.length - SHOWN} more pairs of labels look alike`];
}

/** One letter changed, added, missing or swapped with its neighbour, and no digit among them. */
export function isOneLetterApart(left: string, right: string): boolean {
  if (left.length < LENGTH_LEAST || Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  let [a, b] = [left.length, right.length];
  while (a > start && b > start && left[a - 1] === right[b - 1]) {
    a -= 1;
    b -= 1;
  }
  const [changed, into] = [left.slice(start, a), right.slice(start, b)];
  if (/\d/.test(changed + into)) return false;
  if (changed.length <= 1 && into.length <= 1) return true;
  return changed.length === 2 && into === `${changed[1]}${changed[0]}`;
}
