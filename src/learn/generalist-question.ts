import { seededRandom } from '../base/random.ts';
import type { JsonObject } from '../core/chat.ts';
import type { SampledRow } from '../core/generalist.ts';

/** Kinds of specialists whose rows a generalist can be asked. */
export type AskedKind = 'intents' | 'extract';

/** What a generalist is told of every row, beside its text, and what binds its answer. */
export interface GeneralistQuestion {
  readonly system: string;
  readonly schema: JsonObject;
  readonly maxTokens: number;
}

/** Rows to ask another model: more take it minutes. */
const SAMPLED_ROWS = 60;
const FIELDS_MOST = 20;

/** Some of the rows that a specialist was measured on, drawn by the seed. */
export function drawSample(rows: readonly SampledRow[], seed: number): SampledRow[] {
  const random = seededRandom(seed);
  return rows
    .map((row) => ({ row, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .slice(0, SAMPLED_ROWS)
    .map((one) => one.row);
}

/** Without examples; `labels` are the names of the fields where fields are to be found. */
export function questionOf(kind: AskedKind, labels: readonly string[]): GeneralistQuestion {
  const listed = labels.join(', ');
  if (kind === 'intents')
    return {
      system: `Sort the text of the user into one of these labels, and answer with that label alone. Labels: ${listed}`,
      schema: { type: 'string', enum: [...labels] },
      maxTokens: 64,
    };
  return {
    system: `List every field that the text of the user holds, as a JSON list of objects with "field" and "value", each value copied exactly as it stands there. Answer [] where it holds none. Fields: ${listed}`,
    schema: {
      type: 'array',
      maxItems: FIELDS_MOST,
      items: {
        type: 'object',
        properties: { field: { enum: [...labels] }, value: { type: 'string' } },
        required: ['field', 'value'],
        additionalProperties: false,
      },
    },
    maxTokens: 256,
  };
}

/** Whether an answer is the row's: the label, or the same fields with the same values in any order. */
export function isAnswerOf(kind: AskedKind, { label }: SampledRow, given: string): boolean {
  const value = parsed(given);
  if (kind === 'intents') return value === label;
  return Array.isArray(value) && sorted(value) === sorted(parsed(label));
}

function sorted(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const pairs = value.map((one: { field?: unknown; value?: unknown }) => [one.field, one.value]);
  return JSON.stringify(pairs.map((pair) => JSON.stringify(pair)).sort());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An answer that was cut.
    return undefined;
  }
}
