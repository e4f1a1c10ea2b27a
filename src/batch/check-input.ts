import type { BatchBody, BatchProblem, LineProblem } from '../core/batch.ts';
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
 * `custom_id` twice (nobody could tell the results apart), or no line that could be run. Beside a
 * good line, one that is wrong in itself is no such thing; it becomes a line of the error file.
 */
export async function checkInput(
  parts: RunParts,
  body: BatchBody,
): Promise<{ readonly total: number; readonly problems: readonly BatchProblem[] }> {
  const lines = await inputLines(parts, body);
  if (lines === undefined) return { total: 0, problems: [inputGone(body)] };
  const seen = new Set<string>();
  const problems: BatchProblem[] = [];
  const wrong: BatchProblem[] = [];
  let total = 0;
  let isHopeless = true;
  for await (const { line, bytes } of lines) {
    total += 1;
    if (total > LINES)
      return { total: 0, problems: [problem('too_many_requests', `at most ${LINES} lines`, line)] };
    const read = bytes === undefined ? undefined : parts.wire.readLine(bytes, body.endpoint);
    if (read === undefined || 'problem' in read) {
      const found = read === undefined ? lineTooLong(parts) : read.problem;
      if (wrong.length < PROBLEMS) wrong.push({ ...found, line });
    } else isHopeless = false;
    if (read === undefined) continue;
    const { customId } = read;
    if (customId === null) continue;
    if (seen.has(customId) && problems.length < PROBLEMS)
      problems.push(
        problem('duplicate_custom_id', `the custom_id “${customId}” stands here again`, line),
      );
    seen.add(customId);
  }
  // Nothing would be run, and `completed` would tell whoever reads only the state that all is well.
  if (isHopeless && problems.length === 0) problems.push(...wrong);
  if (total === 0) problems.push(problem('empty_file', 'the input file has no line', null));
  return { total, problems };
}

export function lineTooLong({ lineBytes }: Pick<RunParts, 'lineBytes'>): LineProblem {
  return { code: 'line_too_long', message: `A line has at most ${lineBytes} bytes.` };
}

export function inputGone({ inputFile }: BatchBody): BatchProblem {
  return problem('input_file_gone', `the file ${inputFile} is not there any more`, null);
}

function problem(code: string, message: string, line: number | null): BatchProblem {
  return { code, message, line };
}
