import type { JsonValue } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { GradedRequest } from './fit-gate.ts';
import type { ModelList } from './model-list.ts';

/** Characters of a prompt that are read; a gate looks at no more. */
export const PROMPT_MOST = 64_000;

/** A request with its grades, and the models' answers where the file has them. */
export interface GradedLine extends GradedRequest {
  /** One per model; '' where it is not there. */
  readonly answers?: readonly string[];
}

/** Graded requests of a file, each prompt once. */
export interface GradedFile {
  readonly models: readonly string[];
  readonly lines: readonly GradedLine[];
  /** Lines with a prompt that an earlier line has. */
  readonly duplicates: number;
}

/**
 * JSON lines `{prompt | messages, task?, scores: [0…1, …] | {model: 0…1}, costs?, answers?}`; null and
 * absent = not graded. Models are those of the list, else of the maps, in the order of their first
 * appearance, else `model-1` and so on. Throws `invalid_request` that names the line.
 */
export function readGradedFile(text: string, list?: ModelList): GradedFile {
  const rows = text
    .split('\n')
    .flatMap((line, at) =>
      line.trim() === '' ? [] : [{ at: at + 1, row: parseRow(line, at + 1) }],
    );
  const models = list?.models ?? modelsOf(rows.map(({ row }) => row['scores']));
  if (models.length < 2)
    throw wrong(rows[0]?.at ?? 1, 'a gate needs `scores` of two models at least');
  const lines = new Map<string, GradedLine>();
  for (const { at, row } of rows) {
    const line = readLine(row, models, at);
    if (!lines.has(line.prompt)) lines.set(line.prompt, line);
  }
  return { models, lines: [...lines.values()], duplicates: rows.length - lines.size };
}

type Row = Readonly<Record<string, JsonValue | undefined>>;

function parseRow(line: string, at: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw wrong(at, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(at, 'it is not a JSON object');
  return value as Row;
}

function modelsOf(scores: readonly (JsonValue | undefined)[]): string[] {
  const named = new Set<string>();
  let most = 0;
  for (const one of scores) {
    if (Array.isArray(one)) most = Math.max(most, one.length);
    else if (typeof one === 'object' && one !== null) for (const id in one) named.add(id);
  }
  if (named.size > 0) return [...named];
  return Array.from({ length: most }, (_, model) => `model-${model + 1}`);
}

function readLine(row: Row, models: readonly string[], at: number): GradedLine {
  const { task } = row;
  if (task !== undefined && task !== null && typeof task !== 'string')
    throw wrong(at, '`task` is not a text');
  const costs = numbersOf(row['costs'], models, at, 'costs', Number.MAX_VALUE);
  const answers = answersOf(row['answers'], models, at);
  return {
    prompt: promptOf(row, at).slice(0, PROMPT_MOST),
    ...(typeof task === 'string' && task !== '' ? { task } : {}),
    scores: numbersOf(row['scores'], models, at, 'scores', 1) ?? missing(at),
    ...(costs === undefined || costs.some(Number.isNaN) ? {} : { costs }),
    ...(answers === undefined ? {} : { answers }),
  };
}

function missing(at: number): never {
  throw wrong(at, 'it has no `scores`');
}

function promptOf({ prompt, messages }: Row, at: number): string {
  if (typeof prompt === 'string' && prompt !== '') return prompt;
  const last = Array.isArray(messages)
    ? messages.findLast((one) => roleOf(one) === 'user')
    : undefined;
  const content = last === undefined ? undefined : (last as Row)['content'];
  if (typeof content === 'string' && content !== '') return content;
  if (Array.isArray(content)) {
    const text = content.map((part) => (part as Row | null)?.['text'] ?? '').join('');
    if (text !== '') return text;
  }
  throw wrong(at, 'it has neither a `prompt` nor `messages` with a user’s text');
}

function roleOf(message: JsonValue): JsonValue | undefined {
  return typeof message === 'object' && message !== null && !Array.isArray(message)
    ? (message as Row)['role']
    : undefined;
}

function valuesOf(
  value: JsonValue | undefined,
  models: readonly string[],
  at: number,
  name: string,
): readonly (JsonValue | undefined)[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    if (value.length > models.length)
      throw wrong(at, `\`${name}\` has ${value.length} entries for ${models.length} models`);
    return models.map((_, model) => (value as readonly JsonValue[])[model]);
  }
  if (typeof value !== 'object') throw wrong(at, `\`${name}\` is neither a list nor a map`);
  const unknown = Object.keys(value).find((id) => !models.includes(id));
  if (unknown !== undefined)
    throw wrong(at, `\`${name}\` names the model ${unknown}, which the list does not`);
  return models.map((id) => (value as Row)[id]);
}

/** NaN where there is none. */
function numbersOf(
  value: JsonValue | undefined,
  models: readonly string[],
  at: number,
  name: string,
  most: number,
): number[] | undefined {
  return valuesOf(value, models, at, name)?.map((one) => {
    if (one === undefined || one === null) return Number.NaN;
    if (typeof one === 'boolean') return Number(one);
    if (typeof one === 'number' && one >= 0 && one <= most) return one;
    const range = most === 1 ? 'from 0 to 1' : 'of at least 0';
    throw wrong(at, `\`${name}\` holds ${JSON.stringify(one).slice(0, 40)}, not a number ${range}`);
  });
}

function answersOf(
  value: JsonValue | undefined,
  models: readonly string[],
  at: number,
): string[] | undefined {
  return valuesOf(value, models, at, 'answers')?.map((one) => {
    if (one === undefined || one === null) return '';
    if (typeof one === 'string') return one;
    throw wrong(at, '`answers` holds something that is no text');
  });
}

function wrong(line: number, what: string): CadreError {
  return new CadreError('invalid_request', `line ${line}: ${what}`);
}
