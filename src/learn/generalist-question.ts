import { parsedJson } from '../base/parsed-json.ts';
import { seededRandom } from '../base/random.ts';
import { isWithin } from '../base/within-tolerance.ts';
import type { JsonObject } from '../core/chat.ts';
import type { SampledRow, ShownRow } from '../core/generalist.ts';
import type { SpecialistKind, SpecialistReport } from '../core/specialist.ts';

/** Kinds of specialists whose rows a generalist can be asked. */
export type AskedKind = Exclude<SpecialistKind, 'rank' | 'adapter'>;

/** What a specialist's report says of its answers: the labels, the names of the fields, the scale. */
type Told = Pick<SpecialistReport, 'labels' | 'grades'> & {
  /** Some rows that it was taught, where no name tells what is asked. */
  readonly shown?: readonly ShownRow[];
};

/** A row as a generalist is asked it, and what binds its answer. */
export interface GeneralistAsk {
  /** The row's own text, whatever else is said with it. */
  readonly text: string;
  readonly messages: readonly AskedMessage[];
  readonly schema?: JsonObject;
  readonly maxTokens: number;
  /** Whether an answer is the row's. */
  readonly isAnswer: (given: string) => boolean;
  /** Whether the specialist's answer is. */
  readonly isOwnRight: boolean;
}

export interface AskedMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is the same for all rows of a kind. */
interface Question {
  readonly system: string;
  readonly schema: JsonObject;
  readonly maxTokens: number;
  readonly isAnswer: (row: SampledRow, given: string) => boolean;
}

/** Rows to ask another model: more take it minutes. */
const SAMPLED_ROWS = 60;
const FIELDS_MOST = 20;

/** Some of the rows that a specialist was measured on, drawn by the seed. */
export function drawSample<Row>(rows: readonly Row[], seed: number): Row[] {
  const random = seededRandom(seed);
  return rows
    .map((row) => ({ row, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .slice(0, SAMPLED_ROWS)
    .map((one) => one.row);
}

/** How a generalist is asked what a specialist answers; without examples but of numbers. */
export function asksOf(
  kind: AskedKind,
  told: Told,
  sample: readonly SampledRow[],
): readonly GeneralistAsk[] {
  const { system, schema, maxTokens, isAnswer } = QUESTIONS[kind](told);
  return sample.map((row) => ({
    text: row.text,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: row.text },
    ],
    ...{ schema, maxTokens },
    isAnswer: (given) => isAnswer(row, given),
    isOwnRight: row.isRight,
  }));
}

const QUESTIONS: Readonly<Record<AskedKind, (told: Told) => Question>> = {
  intents: ({ labels }) => ({
    system: `Sort the text of the user into one of these labels, and answer with that label alone. Labels: ${labels.join(', ')}`,
    schema: { type: 'string', enum: [...labels] },
    maxTokens: 64,
    isAnswer: ({ label }, given) => parsedJson(given) === label,
  }),
  score: ({ grades, shown = [] }) => {
    const { low = 0, high = 1, step = null, tolerance = 0 } = grades ?? {};
    const levels = step === null ? [] : levelsOf(low, high, step);
    const examples = shown.map(({ text, label }) => `${JSON.stringify(text)} → ${label}`);
    return {
      system: [
        `Give the text of the user a number from ${low} to ${high}, as in these examples, and answer with the number alone.`,
        ...examples,
      ].join('\n'),
      schema: levels.length > 0 ? { enum: levels } : { type: 'number' },
      maxTokens: 16,
      isAnswer: ({ label }, given) => {
        const value = parsedJson(given);
        return typeof value === 'number' && isWithin(value, Number(label), tolerance);
      },
    };
  },
  extract: ({ labels }) => ({
    system: `List every field that the text of the user holds, as a JSON list of objects with "field" and "value", each value copied exactly as it stands there. Answer [] where it holds none. Fields: ${labels.join(', ')}`,
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
    // The same fields with the same values, in any order.
    isAnswer: ({ label }, given) => {
      const value = parsedJson(given);
      return Array.isArray(value) && sorted(value) === sorted(parsedJson(label));
    },
  }),
};

function levelsOf(low: number, high: number, step: number): number[] {
  const count = Math.round((high - low) / step) + 1;
  return Array.from({ length: count }, (_, at) => Number((low + at * step).toPrecision(12)));
}

function sorted(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const pairs = value.map((one: { field?: unknown; value?: unknown }) => [one.field, one.value]);
  return JSON.stringify(pairs.map((pair) => JSON.stringify(pair)).sort());
}
