import { stem } from '../base/stemmer.ts';
import { STOP_WORDS } from '../base/stop-words.ts';

interface Word {
  readonly text: string;
  readonly stem: string;
  /** Behind `the`, `this`, `its` … */
  readonly isDefinite: boolean;
}

/** What stands in one place of two texts that are alike around it. */
export interface Gap {
  readonly claimed: readonly Word[];
  readonly found: readonly Word[];
}

const WORD = /\p{L}[\p{L}\p{M}\p{N}'’-]*|\p{N}+(?:[.,:]\p{N}+)*/gu;
/** What says nothing of its own in front of a noun or a name. */
const ARTICLES = new Set('a an the this these that those its his her their'.split(' '));
const TITLES = new Set('mr mrs ms dr prof'.split(' '));
const MOST_WORDS = 120;

/** The places in which two texts differ, each with words on both sides; by longest common subsequence. */
export function alignWords(claim: string, source: string): readonly Gap[] {
  const left = readWords(claim);
  const right = readWords(source);
  const lengths = commonLengths(left, right);
  const gaps: Gap[] = [];
  let gap: { claimed: Word[]; found: Word[] } = { claimed: [], found: [] };
  const close = () => {
    if (gap.claimed.length > 0 && gap.found.length > 0) gaps.push(gap);
    gap = { claimed: [], found: [] };
  };
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    const [one, other] = [left[a], right[b]];
    if (one && other && one.stem === other.stem) {
      close();
      a += 1;
      b += 1;
    } else if (one && (!other || at(lengths, a + 1, b) >= at(lengths, a, b + 1))) {
      gap.claimed.push(one);
      a += 1;
    } else if (other) {
      gap.found.push(other);
      b += 1;
    }
  }
  close();
  return gaps;
}

/** Words that are no stop words. */
export function tellingWords(words: readonly Word[]): readonly Word[] {
  return words.filter(({ text }) => !STOP_WORDS.has(text.toLowerCase()));
}

function readWords(text: string): readonly Word[] {
  const found: Word[] = [];
  let isDefinite = false;
  for (const [word] of text.matchAll(WORD)) {
    const small = word.toLowerCase().replace(/['’]s$/, '');
    if (TITLES.has(small)) continue;
    if (ARTICLES.has(small)) {
      isDefinite = small.length > 2;
      continue;
    }
    if (found.push({ text: word, stem: stem(small), isDefinite }) === MOST_WORDS) break;
    isDefinite = false;
  }
  return found;
}

/** Per pair of places: length of the longest common subsequence of what follows. */
function commonLengths(left: readonly Word[], right: readonly Word[]): readonly Uint16Array[] {
  const rows = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let a = left.length - 1; a >= 0; a -= 1)
    for (let b = right.length - 1; b >= 0; b -= 1) {
      const longest =
        left[a]?.stem === right[b]?.stem
          ? at(rows, a + 1, b + 1) + 1
          : Math.max(at(rows, a + 1, b), at(rows, a, b + 1));
      rows[a]?.fill(longest, b, b + 1);
    }
  return rows;
}

function at(rows: readonly Uint16Array[], a: number, b: number): number {
  return rows[a]?.[b] ?? 0;
}
