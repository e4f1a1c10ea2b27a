/** Abbreviations by what a full stop after them means; lower case, without the last full stop. */
const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Something always follows. */
export const NEVER_LAST = list(
  `mr mrs ms dr prof st gen col capt lt sgt rev hon gov sen rep messrs mme mlle hr fr
  e.g i.e eg ie cf vs viz approx ca resp incl z.b d.h bzw`,
);

/** A number follows; without one the full stop ends a sentence ("He said no."). */
export const NUMBERED = list(
  'no nos nr p pp art sec ch vol vols fig figs eq eqs tab ref refs § par',
);

/** May end a sentence; it does when a word follows that usually begins one. */
export const ENDING = list(
  `etc inc ltd co corp jr sr al a.m p.m ph.d u.s u.k u.n bros dept univ est avg
  jan feb mar apr jun jul aug sep sept oct nov dec`,
);

/** Words that begin sentences and hardly ever follow an initial or an abbreviation. */
export const STARTERS = list(
  `the a an this that these those it its he she they we you i in on at for from with if when while
  as but and or so however then there here what why how who which our his her their my your yes all
  some many most each every after before because although since to by also not both no is are was
  do does did can could should will would please`,
);
