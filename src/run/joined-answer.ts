import type { Citation } from '../core/evidence.ts';
import type { StepResult } from './step-run.ts';

export interface JoinedAnswer {
  readonly text: string;
  readonly citations: readonly Citation[];
}

/**
 * The answer of several steps: each under a heading, in the order of the plan; one step stands
 * alone without a heading. When `shown` is given, its text was shown already and only what went
 * wrong is added.
 */
export function joinResults(
  results: readonly StepResult[],
  shown: StepResult | undefined,
): JoinedAnswer {
  if (shown !== undefined) {
    const notes = results
      .filter((result) => result.problem !== undefined)
      .map((result) => problemNote(result));
    const gap = shown.text === '' || notes.length === 0 ? '' : '\n\n';
    return { text: `${gap}${notes.join('\n')}`, citations: [] };
  }
  let text = '';
  const citations: Citation[] = [];
  for (const result of results) {
    text += `${text === '' ? '' : '\n\n'}**${headingOf(result)}**\n\n`;
    for (const citation of result.citations)
      citations.push({
        ...citation,
        answerStart: citation.answerStart + text.length,
        answerEnd: citation.answerEnd + text.length,
      });
    text += result.text.trimEnd();
    if (result.problem !== undefined)
      text += `${result.text.trim() === '' ? '' : '\n\n'}${problemNote(result)}`;
  }
  return { text, citations };
}

function problemNote(result: StepResult): string {
  return `(Not done: ${headingOf(result)} — ${result.problem}.)`;
}

/** The instruction's first line, short enough for a heading. */
function headingOf(result: StepResult): string {
  const line = (result.step.instruction.split('\n')[0] ?? '').replaceAll('*', '').trim();
  return line.length <= 80 ? line.replace(/[.:]$/, '') : `${line.slice(0, 79)}…`;
}
