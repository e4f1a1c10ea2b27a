import { indexTerms } from '../base/tokens.ts';

/** Where one statement ends and another begins inside a sentence. */
const SEAM =
  /\s*(?:[;:()—–]|,(?!\d)|\s-\s|\b(?:and|but|while|which|who|whose|because|when|where|after|before|although|though|whereas|however|since|that|with|including|as well as|as|by)\b)\s*/i;
/** Terms of the least clause; what is shorter belongs to its neighbour. */
const LEAST_TERMS = 2;

/** The statements that a sentence joins: each must be supported, so the worst one counts. */
export function clausesOf(sentence: string): readonly string[] {
  const clauses: string[] = [];
  for (const part of sentence.split(SEAM)) {
    if (part.trim() === '') continue;
    const last = clauses.at(-1);
    const isShort = indexTerms(part).length < LEAST_TERMS;
    const isAfterShort = last !== undefined && indexTerms(last).length < LEAST_TERMS;
    if (last !== undefined && (isShort || isAfterShort))
      clauses[clauses.length - 1] = `${last} ${part}`;
    else clauses.push(part);
  }
  return clauses.length === 0 ? [sentence] : clauses;
}
