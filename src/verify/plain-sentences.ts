import { checkArithmetic } from './arithmetic.ts';
import { checkRefusal } from './refusal.ts';
import type { ReleasePiece } from './release-piece.ts';

interface Place {
  /** Nothing of the answer was decided yet. */
  readonly isFirst: boolean;
  /** Another spoke may still answer: nothing was shown, and one follows. */
  readonly mayReject: boolean;
}

/** Sentences without evidence: an answer that declines or reckons wrongly may go to another spoke. */
export class PlainSentences {
  #inCode = false;

  decide(piece: string, { isFirst, mayReject }: Place): ReleasePiece {
    const fences = piece.match(/```/g)?.length ?? 0;
    const isText = !this.#inCode && fences === 0;
    if (fences % 2 === 1) this.#inCode = !this.#inCode;
    const release = { text: piece, citations: [] };
    if (!isText) return { checks: [], release };
    const checks = [...(isFirst ? [checkRefusal(piece)] : []), checkArithmetic(piece)]
      .filter((check) => !check.passed)
      .map((check) => ({ ...check, sentence: piece.trim() }));
    const broken = checks[0];
    return broken && mayReject ? { checks, reject: broken } : { checks, release };
  }
}
