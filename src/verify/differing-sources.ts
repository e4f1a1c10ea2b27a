import { escapeMarkdown } from '../base/markdown-text.ts';
import type { Citation, Contradiction, EvidenceSentence, Passage } from '../core/evidence.ts';

/** Longest quotation in a note, in characters. */
const QUOTED = 200;
/** More notes behind one answer would bury it. */
const MOST_NOTES = 2;

/** What is told of contradicting sources behind an answer. */
export interface DifferenceNote {
  readonly text: string;
  readonly citations: readonly Citation[];
}

/** The first contradictions in which one of the cited sentences takes part. */
export function concerning(
  contradictions: readonly Contradiction[],
  cited: ReadonlySet<number>,
): readonly Contradiction[] {
  return contradictions
    .filter(({ sentences }) => sentences.some(({ number }) => cited.has(number)))
    .slice(0, MOST_NOTES);
}

/**
 * “The sources differ: NEW (2025-03-01, newest) says “…”; OLD (2024-01-02) says “…”.”, to be put
 * behind `length` characters of an answer, with citations of both.
 */
export function differenceNote(
  contradictions: readonly Contradiction[],
  length: number,
): DifferenceNote {
  let text = '';
  const citations: Citation[] = [];
  for (const { sentences } of contradictions) {
    text += '\n\nThe sources differ: ';
    const [newer, older] = sentences;
    const isDated = (newer.modifiedAt ?? 0) > (older.modifiedAt ?? 0);
    for (const sentence of sentences) {
      const answerStart = length + text.length;
      text += saying(sentence, isDated && sentence === newer);
      citations.push({ sentence, answerStart, answerEnd: length + text.length, support: 1 });
      text += sentence === newer ? '; ' : '.';
    }
  }
  return { text, citations };
}

function saying({ path, text, modifiedAt }: EvidenceSentence, isNewest: boolean): string {
  const date = modifiedAt === undefined ? [] : [new Date(modifiedAt).toISOString().slice(0, 10)];
  const told = [...date, ...(isNewest ? ['newest'] : [])].join(', ');
  const line = text.replace(/\s+/g, ' ').trim();
  const quote = escapeMarkdown(line.length <= QUOTED ? line : `${line.slice(0, QUOTED - 1)}…`);
  return `${escapeMarkdown(path)}${told === '' ? '' : ` (${told})`} says “${quote}”`;
}

/** The passages without the sentences that a newer document contradicts. */
export function withoutOutdated(
  passages: readonly Passage[],
  contradictions: readonly Contradiction[],
): readonly Passage[] {
  const outdated = new Set(
    contradictions
      .filter(({ sentences: [newer, older] }) => (newer.modifiedAt ?? 0) > (older.modifiedAt ?? 0))
      .map(({ sentences: [, older] }) => older.number),
  );
  if (outdated.size === 0) return passages;
  return passages
    .map((passage) => ({
      ...passage,
      sentences: passage.sentences.filter(({ number }) => !outdated.has(number)),
    }))
    .filter(({ sentences }) => sentences.length > 0);
}
