import { z } from 'zod';
import { CadreError } from '../core/errors.ts';
import { issueWords } from '../core/issue-words.ts';
import { PRIORITIES } from '../core/priority.ts';
import type { Trace, TraceModel, TraceRequest } from './trace.ts';

const name = z.string().min(1).max(200);
const milliseconds = z.number().nonnegative().max(1e12);

const modelSchema = z.strictObject({
  model: name,
  bytes: z.int().positive(),
  loadMs: milliseconds,
});

const requestSchema = z.strictObject({
  at: milliseconds,
  model: name,
  serviceMs: milliseconds,
  key: z.string().max(200).default(''),
  priority: z.enum(PRIORITIES).default('interactive'),
  group: z.string().max(200).default(''),
  deadlineMs: milliseconds.positive().optional(),
});

const EXAMPLES =
  'a line is a model {"model":"a","bytes":100000000,"loadMs":1000} or a request {"at":0,"model":"a","serviceMs":500}';

/**
 * Reads a trace of JSON lines: each model once, each request with `at` in milliseconds from the start
 * in any order. Throws `invalid_request` that names the line and what to do.
 */
export function readTrace(text: string, file: string): Trace {
  const models = new Map<string, TraceModel>();
  const requests: (TraceRequest & { readonly line: number })[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const line = index + 1;
    const value = parseLine(row, file, line);
    if (isModel(value)) {
      const { model: id, ...figures } = check(modelSchema, value, file, line);
      if (models.has(id)) throw wrong(file, line, `the model “${id}” was given before`);
      models.set(id, { id, ...figures });
    } else {
      const { deadlineMs, ...rest } = check(requestSchema, value, file, line);
      requests.push({ ...rest, ...(deadlineMs === undefined ? {} : { deadlineMs }), line });
    }
  }
  for (const { model, line } of requests)
    if (!models.has(model))
      throw wrong(
        file,
        line,
        `no line gives the model “${model}”; add {"model":"${model}","bytes":…,"loadMs":…}`,
      );
  if (requests.length === 0) throw new CadreError('invalid_request', `${file} holds no requests`);
  return {
    models: [...models.values()],
    requests: requests.sort((a, b) => a.at - b.at).map(({ line: _line, ...request }) => request),
  };
}

/** The trace as `readTrace` reads it. */
export function traceLines({ models, requests }: Trace): readonly string[] {
  const rows = models.map(({ id, bytes, loadMs }) => ({ model: id, bytes, loadMs }));
  return [...rows, ...requests].map((row) => JSON.stringify(row));
}

function parseLine(row: string, file: string, line: number): unknown {
  try {
    return JSON.parse(row);
  } catch {
    throw wrong(file, line, 'this is no JSON');
  }
}

function isModel(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'bytes' in value;
}

function check<T>(schema: z.ZodType<T>, value: unknown, file: string, line: number): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw wrong(file, line, `${path === '' ? 'this' : `\`${path}\``} ${issueWords(issue)}`);
}

function wrong(file: string, line: number, words: string): CadreError {
  return new CadreError('invalid_request', `${file}, line ${line}: ${words}; ${EXAMPLES}`);
}
