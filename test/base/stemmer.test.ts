import { describe, expect, it } from 'vitest';
import { stem } from '../../src/base/stemmer.ts';

/** Pairs of the published vocabulary of the algorithm. */
const PAIRS =
  `consist consist consistency consist consolation consol knack knack knackeries knackeri kneaded knead
  knights knight knotty knotti running run happily happili generate generat generously generous
  national nation hopping hop hoping hope cries cri tied tie replacement replac communism communism
  arsenal arsenal controlled control agreed agre feed feed skies sky dying die news news inning inning
  proceed proceed luxuriated luxuri rational ration relational relat conditional condit valency valenc
  digitizer digit operator oper hopefulness hope formality formal sensibility sensibl triplicate triplic
  formative format electrical electr goodness good revival reviv allowance allow inference infer
  adjustable adjust defensible defens irritant irrit adoption adopt activate activ effective effect
  bowdlerize bowdler probate probat rate rate cease ceas roll roll gas gas this this say say enjoy enjoy
  bed bed bled bled shred shred`.split(/\s+/);

describe('stem', () => {
  it('follows the published vocabulary', () => {
    const wrong: string[] = [];
    for (let index = 0; index < PAIRS.length; index += 2) {
      const got = stem(PAIRS[index] ?? '');
      if (got !== PAIRS[index + 1]) wrong.push(`${PAIRS[index]} → ${got}, not ${PAIRS[index + 1]}`);
    }
    expect(wrong).toEqual([]);
  });

  it('leaves other scripts, numbers and short words alone', () => {
    for (const word of ['naïves', '2024', 'as', 'größen', '検索']) expect(stem(word)).toBe(word);
    expect(stem("user's")).toBe('user');
  });
});
