import type { BatchBody, BatchProblem } from '../core/batch.ts';
import { type InputLine, splitLines } from './lines.ts';
import type { RunParts } from './parts.ts';

/** OpenAI's own bound. */
const LINES = 50_000;
/** Problems of one kind that are told; more say nothing new. */
const PROBLEMS = 20;

/** The lines of a batch's input; undefined when the file is gone. */
export async function inputLines(
  { objects, lineBytes, nextTurn }: Pick<RunParts, 'objects' | 'lineBytes' | 'nextTurn'>,
  { inputFile }: BatchBody,
): Promise<AsyncGenerator<InputLine, void, void> | undefined> {
  if ((await objects.doGetObject('file', inputFile)) === undefined) return undefined;
  return splitLines(objects.doReadParts('file', inputFile), { lineBytes, nextTurn });
}

/**
 * Counts the lines and finds what makes the whole batch fail: nothing in it, too much in it, one
 * `custom_id` twice (nobody could tell the results apart). A line that is wrong in itself is no such
 * thing; it becomes a line of the error file.
 */
export async function checkInput(
  parts: RunParts,
  body: BatchBody,
): Promise<{ readonly total: number; readonly problems: readonly BatchProblem[] }> {
  const lines = await inputLines(parts, body);
  if (lines === undefined) return { total: 0, problems: [inputGone(body)] };
  const seen = new Set<string>();
  const problems: BatchProblem[] = [];
  let total = 0;
  for await (const { line, bytes } of lines) {
    total += 1;
    if (total > LINES)
      return { total: 0, problems: [problem('too_many_requests', `at most ${LINES} lines`, line)] };
    if (bytes === undefined) continue;
    const { customId } = parts.wire.readLine(bytes, body.endpoint);
    if (customId === null) continue;
    if (seen.has(customId) && problems.length < PROBLEMS)
      problems.push(
        problem('duplicate_custom_id', `the custom_id “${customId}” stands here again`, line),
      );
    seen.add(customId);
  }
  if (total === 0) problems.push(problem('empty_file', 'the input file has no line', null));
  return { total, problems };
}

export function inputGone({ inputFile }: BatchBody): BatchProblem {
  return problem('input_file_gone', `the file ${inputFile} is not there any more`, null);
}

function problem(code: string, message: string, line: number | null): BatchProblem {
  return { code, message, line };
}
