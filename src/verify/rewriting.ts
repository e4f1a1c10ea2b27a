import { splitSentences } from '../base/sentences.ts';
import { quoted } from './checks.ts';
import { isDeclined, readMarks } from './citation-marks.ts';
import type { ReleasePiece, Rewrite } from './release-piece.ts';
import { NEAREST_SHOWN } from './undecided.ts';

/** Sentences of one answer that are tried. */
const MOST = 2;

/**
 * Has unsupported sentences of an answer rewritten, each once, while most of the answer stands: where
 * it does not, another spoke is the better try, or to decline. What comes back is to be checked.
 */
export class Rewriter {
  readonly #ask: Rewrite | undefined;
  #left = MOST;
  #passed = 0;
  #failed = 0;

  constructor(ask: Rewrite | undefined) {
    this.#ask = ask;
  }

  /** Whether a sentence as the spoke wrote it passed its checks. */
  note(hasPassed: boolean): void {
    if (hasPassed) this.#passed += 1;
    else this.#failed += 1;
  }

  /** One sentence without marks; undefined where none may be, or was, made of it. */
  async rewrite(sentence: string, nearest: readonly string[]): Promise<string | undefined> {
    const isMostlyWrong = this.#failed > this.#passed;
    if (this.#ask === undefined || this.#left === 0 || isMostlyWrong) return undefined;
    this.#left -= 1;
    const said = await this.#ask(sentence, nearest.slice(0, NEAREST_SHOWN));
    const [first] = splitSentences(readMarks(said ?? '', new Set()).text.trim());
    const text = first?.text.trim() ?? '';
    return text === '' || text === sentence || isDeclined(text) ? undefined : text;
  }
}

/** What became of the rewritten sentence, with what spoke against the one before. */
export function tellRewritten(
  before: ReleasePiece,
  told: string,
  again: ReleasePiece,
): ReleasePiece {
  const outcome = 'release' in again ? 'rewritten' : 'rewritten in vain';
  const checks = before.checks.map((check) => ({
    ...check,
    detail: `${outcome}: ${check.detail}; now ${quoted(told)}`,
  }));
  return { ...again, checks: [...checks, ...again.checks] };
}
