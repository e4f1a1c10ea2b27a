import { z } from 'zod';
import { CadreError } from '../core/errors.ts';
import { issueWords } from '../core/issue-words.ts';
import { nearestName } from '../core/nearest.ts';

/** A question that a collection is asked, and what is known of its answer. */
export interface AnswerRow {
  readonly id: string;
  readonly question: string;
  /** Any of these is right; empty = nobody knows, or there is none. */
  readonly gold: readonly string[];
  /** Paths of the documents that hold the answer, as the collection names them. */
  readonly documents: readonly string[];
  /** False = the collection does not hold the answer; it should decline. */
  readonly answerable: boolean;
}

const LONGEST = 20_000;
const rowSchema = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  question: z.string().trim().min(1).max(LONGEST),
  answer: z.string().nullable().optional(),
  answers: z.array(z.string()).optional(),
  documents: z.array(z.string().min(1)).optional(),
  answerable: z.boolean().optional(),
});
const KEYS = Object.keys(rowSchema.shape);

/**
 * Questions as JSON lines: `{"question": …}` with `answer` or `answers` (any is right), `documents`
 * (paths that hold it), `answerable` (false = to be declined; so is `"answer": null`), `id`.
 * Throws `invalid_request` that names file and line.
 */
export function readAnswerRows(text: string, name: string): readonly AnswerRow[] {
  const rows: AnswerRow[] = [];
  const lines = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = readRow(line, `${name}, line ${index + 1}`, index + 1);
    const earlier = lines.get(row.id);
    if (earlier !== undefined)
      throw refusal(`${name}, line ${index + 1}`, `has the id \`${row.id}\` of line ${earlier}`);
    lines.set(row.id, index + 1);
    rows.push(row);
  }
  if (rows.length === 0)
    throw refusal(name, 'holds no question; it takes one JSON object per line');
  return rows;
}

function readRow(line: string, where: string, number: number): AnswerRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw refusal(where, 'is no JSON; each line is one object like {"question": …, "answer": …}');
  }
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) throw refusal(where, wrongWords(parsed.error.issues[0]));
  const { id = `line-${number}`, question, answer, answers, documents = [] } = parsed.data;
  if (answer !== undefined && answers !== undefined)
    throw refusal(where, 'has both `answer` and `answers`; name one of them');
  const gold = (answers ?? (typeof answer === 'string' ? [answer] : []))
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const answerable = parsed.data.answerable ?? (answer !== null && answers?.length !== 0);
  if (!answerable && gold.length > 0)
    throw refusal(where, 'has an answer and is said not to be answerable; leave one of them out');
  return { id, question, gold, documents, answerable };
}

function wrongWords(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code !== 'unrecognized_keys') {
    const path = issue?.path.map(String).join('.') ?? '';
    return path === '' ? issueWords(issue) : `\`${path}\` ${issueWords(issue)}`;
  }
  const key = issue.keys[0] ?? '';
  const near = nearestName(key, KEYS);
  return `has an unknown field \`${key}\`${near ? `; did you mean \`${near}\`?` : `; it takes ${KEYS.join(', ')}`}`;
}

function refusal(where: string, words: string): CadreError {
  return new CadreError('invalid_request', `${where} ${words}`);
}
