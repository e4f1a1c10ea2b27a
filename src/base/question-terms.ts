import { indexTerms } from './tokens.ts';

/** Words of questions that evidence need not repeat. */
const ASKING = new Set(
  (
    'how much many long often far old big when where who which what why please tell explain need want ' +
    'can could may might must should will there any some get give know find mean look work use make ' +
    'also just still someone something anyone person people thing not no yes all one day time number'
  )
    .split(' ')
    .flatMap(indexTerms),
);
const LONGEST = 4000;

/** The terms of a question that say what it is about, each once; words that only ask are left out. */
export function questionTerms(question: string): readonly string[] {
  const terms = new Set(indexTerms(question.slice(0, LONGEST)));
  return [...terms].filter((term) => !ASKING.has(term));
}
