/** Labels that are told at most; a set with more has another trouble. */
const SHOWN = 10;
/** A label this short differs from others by one letter for good reasons. */
const LENGTH_LEAST = 5;
const LABELS_MOST = 2000;
/** A misspelling is rarer than this share of the right spelling. */
const RARE = 0.2;

/** Two labels that may be one. */
export interface LikeLabels {
  readonly left: string;
  readonly right: string;
}

/**
 * Pairs of labels that may be one: the same but for case, spaces and punctuation, one the plural of the
 * other, or one letter apart where one of the two is rare. Numbers in labels are not letters: `tier 1`
 * and `tier 2` differ on purpose. None for more labels than can be learnt.
 */
export function likePairs(counts: ReadonlyMap<string, number>): LikeLabels[] {
  if (counts.size > LABELS_MOST) return [];
  const labels = [...counts.keys()].sort();
  const plain = labels.map((label) =>
    label
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, ''),
  );
  const found: LikeLabels[] = [];
  for (let one = 0; one < labels.length; one += 1) {
    for (let other = one + 1; other < labels.length; other += 1) {
      const [left, right] = [plain[one] ?? '', plain[other] ?? ''];
      const [a, b] = [labels[one] ?? '', labels[other] ?? ''];
      const [few, many] = [counts.get(a) ?? 0, counts.get(b) ?? 0].toSorted((x, y) => x - y);
      const isRare = (few ?? 0) <= Math.max(2, RARE * (many ?? 0));
      if (left === right || isPlural(left, right) || (isRare && isOneLetterApart(left, right)))
        found.push({ left: a, right: b });
    }
  }
  return found;
}

/** The pairs in words. */
export function likeLabels(counts: ReadonlyMap<string, number>): string[] {
  const found = likePairs(counts).map(
    ({ left, right }) =>
      `the labels “${left}” (${counts.get(left)} rows) and “${right}” (${counts.get(right)}) look like one; they are learnt as two`,
  );
  if (found.length <= SHOWN) return found;
  return [...found.slice(0, SHOWN), `${found.length - SHOWN} more pairs of labels look alike`];
}

/** `card` and `cards`, `query` and `queries`, `box` and `boxes`. */
function isPlural(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  if (short.length < 3) return false;
  return long === `${short}s` || long === `${short}es` || long === `${short.replace(/y$/, 'ie')}s`;
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
