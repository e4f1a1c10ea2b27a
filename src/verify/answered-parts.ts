import { questionTerms } from '../base/question-terms.ts';
import type { Passage } from '../core/evidence.ts';
import type { ReadingPart } from '../core/reading.ts';
import { questionShare } from './answerable.ts';

/** Share of a part's key terms from which a shown sentence, with what it stands on, speaks of it. */
const SPEAKS_OF_IT = 0.5;
/** Longest part that is repeated, in characters. */
const QUOTED = 160;

/**
 * The parts of a question, and which of them the shown sentences speak of. What the documents do not
 * say is told per part, instead of declining the whole.
 */
export class AnsweredParts {
  readonly #parts: readonly ReadingPart[];
  readonly #answered = new Set<ReadingPart>();

  constructor(parts: readonly ReadingPart[]) {
    this.#parts = parts;
  }

  /** The part that the sentence speaks of most; undefined where the question is one. */
  nearest(texts: readonly string[]): string | undefined {
    const shares = this.#parts.map(({ asked, isFound }) =>
      isFound ? questionShare(asked, texts) : -1,
    );
    return this.#parts[shares.indexOf(Math.max(...shares))]?.asked;
  }

  /** A sentence was shown; `texts` are its own and those of its sources. */
  show(texts: readonly string[]): void {
    for (const part of this.#parts)
      if (part.isFound && questionShare(part.asked, texts) >= SPEAKS_OF_IT)
        this.#answered.add(part);
  }

  /** To be put behind an answer; '' where nothing is missing. */
  note(): string {
    const open = this.#parts.filter((one) => !one.isFound);
    const left = this.#parts.filter((one) => one.isFound && !this.#answered.has(one));
    return `${line('The documents do not say', open)}${line('Not answered from the documents', left)}`;
  }
}

function line(words: string, parts: readonly ReadingPart[]): string {
  if (parts.length === 0) return '';
  return `\n\n${words}: ${parts.map(({ asked }) => `“${shortened(asked)}”`).join(', ')}.`;
}

function shortened(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length <= QUOTED ? plain : `${plain.slice(0, QUOTED - 1)}…`;
}

/** What the documents can answer, as one question; undefined where that is all of it, or nothing. */
export function answerableParts(parts: readonly ReadingPart[]): string | undefined {
  const found = parts.filter((one) => one.isFound && questionTerms(one.asked).length > 0);
  if (found.length === 0 || found.length === parts.length) return undefined;
  return found.map(({ asked }) => `${asked.replace(/[?.\s]+$/, '')}?`).join(' ');
}

/** By number of a sentence: what led to its passage from another one, where that was followed. */
export function waysTo(passages: readonly Passage[]): ReadonlyMap<number, string> {
  return new Map(
    passages.flatMap(({ via, sentences }) =>
      via === undefined ? [] : sentences.map(({ number }) => [number, via] as const),
    ),
  );
}
