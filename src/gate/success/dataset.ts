import { CadreError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { bothEndsOf } from '../excerpt.ts';

/** One graded request as a user keeps it. */
export interface DatasetRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly prompt: string;
  readonly task: string;
  /** One per model, 0 … 1; NaN = not graded. */
  readonly scores: readonly number[];
  /** US dollars per model, where the row has them. */
  readonly costs?: readonly number[];
  /** Seconds to the last token per model, where the row has them. */
  readonly seconds?: readonly number[];
  /** Answer texts per model, where the row has them. */
  readonly answers?: readonly string[];
  /** What the row counts in a fit, more than 0 and at most 1; absent = 1. */
  readonly weight?: number;
}

export interface Dataset {
  readonly models: readonly string[];
  readonly rows: readonly DatasetRow[];
}

type PerModel = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * Reads JSON lines `{prompt, task?, scores, costs?, seconds?, answers?, messages?, weight?}`; `scores`,
 * `costs`, `seconds` and `answers` are arrays in the order of `models` or objects by model id, null where
 * nothing is known.
 * Throws CadreError that names file, line and remedy, also for fewer models than `fewest`.
 */
export function readDataset(
  text: string,
  file: string,
  models?: readonly string[],
  fewest = 2,
): Dataset {
  const values: [number, Readonly<Record<string, unknown>>][] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line += 1;
    if (raw.trim() !== '') values.push([line, parseLine(raw, file, line)]);
  }
  if (values.length === 0) throw refusal(`${file} holds no rows`);
  const ids = models ?? modelsOf(values, file);
  if (ids.length < fewest) throw refusal(`${file}: a gate chooses between two models at least`);
  return { models: ids, rows: values.map(([at, value]) => rowOf(value, at, file, ids)) };
}

function refusal(message: string): CadreError {
  return new CadreError('invalid_request', message);
}

/** Characters of a wrong value that an error tells: enough to find it, not what else it may hold. */
const SHOWN_MOST = 40;

function cut(text: string): string {
  return text.length > SHOWN_MOST ? `${text.slice(0, SHOWN_MOST - 1)}…` : text;
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value));
}

function parseLine(raw: string, file: string, line: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below: the same remedy as for a value of another kind.
  }
  throw refusal(
    `${file}:${line} is not a JSON object with "prompt" and "scores"${hintOf(raw.trim(), file)}`,
  );
}

/** What the line is instead, and what makes it one of JSON lines. */
function hintOf(line: string, file: string): string {
  if (/:\s*NaN\b|[[,]\s*NaN\b/.test(line)) return '; where nothing is known JSON has null, not NaN';
  if (line.startsWith('['))
    return `: the file is a JSON array; \`jq -c '.[]' ${file} > NEW\` puts each of its objects on a line`;
  if (/[{[,]$/.test(line))
    return `: the object goes over several lines; \`jq -c . ${file} > NEW\` puts each on one`;
  return '';
}

function modelsOf(
  values: readonly [number, Readonly<Record<string, unknown>>][],
  file: string,
): string[] {
  const named = new Set<string>();
  let count = 0;
  for (const [line, { scores }] of values) {
    if (Array.isArray(scores)) {
      if (count !== 0 && count !== scores.length)
        throw refusal(`${file}:${line} has ${scores.length} scores, the rows before have ${count}`);
      count = scores.length;
    } else if (typeof scores === 'object' && scores !== null)
      for (const id of Object.keys(scores)) named.add(id);
  }
  if (named.size > 0) return [...named];
  return Array.from({ length: count }, (_, at) => `model-${at + 1}`);
}

function rowOf(
  value: Readonly<Record<string, unknown>>,
  line: number,
  file: string,
  models: readonly string[],
): DatasetRow {
  const where = `${file}:${line}`;
  const prompt = promptOf(value, where);
  const scores = perModel(value['scores'], models, `${where} scores`).map((score) => {
    if (score === null || score === undefined) return Number.NaN;
    if (typeof score === 'boolean') return score ? 1 : 0;
    if (typeof score === 'number' && score >= 0 && score <= 1) return score;
    throw refusal(`${where}: a score is 0 … 1 or null, not ${shown(score)}`);
  });
  const amounts = (field: 'costs' | 'seconds', what: string) =>
    optional(value[field], models, `${where} ${field}`, (amount) => {
      if (typeof amount === 'number' && amount >= 0 && Number.isFinite(amount)) return amount;
      throw refusal(`${where}: ${what} is a number of at least 0 or null, not ${shown(amount)}`);
    });
  const costs = amounts('costs', 'a cost');
  const seconds = amounts('seconds', 'a time');
  const answers = optional(value['answers'], models, `${where} answers`, (answer) => {
    if (typeof answer === 'string') return answer;
    throw refusal(`${where}: an answer is a text or null, not ${shown(answer)}`);
  });
  const { task, weight } = value;
  const isWeight = typeof weight === 'number' && weight > 0 && weight <= 1;
  if (weight !== undefined && weight !== null && !isWeight)
    throw refusal(`${where}: a weight is more than 0 and at most 1, not ${shown(weight)}`);
  return {
    line,
    prompt,
    task: typeof task === 'string' ? task : '',
    scores,
    ...(costs === undefined ? {} : { costs }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(answers === undefined ? {} : { answers }),
    ...(isWeight ? { weight } : {}),
  };
}

/** Every model's value, or undefined where the row lacks one. */
function optional<T>(
  value: unknown,
  models: readonly string[],
  where: string,
  read: (value: unknown) => T,
): T[] | undefined {
  if (value === null || value === undefined) return undefined;
  const found = perModel(value, models, where).flatMap((one) =>
    one === null || one === undefined ? [] : [read(one)],
  );
  return found.length === models.length ? found : undefined;
}

function perModel(value: unknown, models: readonly string[], where: string): unknown[] {
  if (typeof value !== 'object' || value === null)
    throw refusal(`${where} must be an array or an object by model id`);
  const list = value as PerModel;
  if (Array.isArray(list)) {
    if (list.length === models.length) return list;
    throw refusal(`${where}: ${list.length} values for ${models.length} models`);
  }
  for (const id of Object.keys(list)) {
    if (models.includes(id)) continue;
    const near = nearestName(id, models);
    throw refusal(
      `${where}: unknown model "${cut(id)}"${near ? `; did you mean "${cut(near)}"?` : ''}`,
    );
  }
  return models.map((id) => (list as Readonly<Record<string, unknown>>)[id]);
}

interface Message {
  readonly role?: unknown;
  readonly content?: unknown;
}

function promptOf(value: Readonly<Record<string, unknown>>, where: string): string {
  const messages = Array.isArray(value['messages']) ? (value['messages'] as Message[]) : [];
  const textOf = (role: string) => {
    const content = messages.findLast((one) => one?.role === role)?.content;
    if (Array.isArray(content)) return partsOf(content);
    return typeof content === 'string' ? content : undefined;
  };
  const prompt = typeof value['prompt'] === 'string' ? value['prompt'] : textOf('user');
  if (prompt === undefined || prompt === '')
    throw refusal(`${where} has neither "prompt" nor a user message of text`);
  return bothEndsOf(prompt);
}

/** The text of a message that comes in parts. */
function partsOf(parts: readonly { readonly text?: unknown }[]): string {
  return parts.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}
