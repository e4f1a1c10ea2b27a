import { stem } from '../base/stemmer.ts';

const MORE = stemsOf(
  'increase rise gain grow higher high above more greater promote activate induce enhance raise ' +
    'upregulate stimulate improve positive elevate augment accelerate facilitate strengthen enable ' +
    'longer larger exacerbate expand boost accumulate',
);
const LESS = stemsOf(
  'decrease fall drop lose shrink lower low below less fewer inhibit reduce suppress downregulate ' +
    'worsen negative attenuate impair diminish block decline prevent limit weaken abolish disrupt ' +
    'shorter smaller repress impede loss deficiency lack deplete hinder slow protect ameliorate ' +
    'reverse abrogate eliminate',
);

function stemsOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').map(stem));
}

/** Does a text, as stems, say that something grows (1), shrinks (−1), both or neither (0)? */
export function directionOf(stems: readonly string[]): number {
  const more = stems.filter((one) => MORE.has(one)).length;
  const less = stems.filter((one) => LESS.has(one)).length;
  return more + less === 0 ? 0 : (more - less) / (more + less);
}
