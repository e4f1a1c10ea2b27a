import type { JsonObject } from '../../src/core/chat.ts';
import { shuffleByHash } from './data.ts';
import type { FieldDocument } from './field-documents.ts';
import type { LabelTask } from './generalist-tasks.ts';

export type Mode = 'zero-shot' | 'few-shot';

/** Of an example; longer ones are passed over where the label has shorter ones. */
const LONGEST_EXAMPLE = 160;
/** Of all, so that the context holds them beside the labels. */
const EXAMPLE_CHARACTERS = 8000;
/** Examples of a task with few labels, all together; every label has one at least. */
const LEAST_EXAMPLES = 16;
const SEED = 'farm-generalist examples';

/** What all rows of a task share; with examples of every label out of the training rows. */
export function labelPrompt(task: LabelTask, mode: Mode): string {
  const bare = `${task.instruction} Answer with one of these labels: ${task.labels.join(', ')}.`;
  if (mode === 'zero-shot') return bare;
  const lines = examplesOf(task).map(
    ({ text, label }) => `${text.replace(/\s+/g, ' ')} → ${JSON.stringify(label)}`,
  );
  return `${bare}\nExamples:\n${lines.join('\n')}`;
}

function examplesOf({ train, labels }: LabelTask): LabelTask['train'] {
  const perLabel = Math.ceil(LEAST_EXAMPLES / labels.length);
  const order = shuffleByHash(train, (row) => row.text, SEED);
  const chosen = labels.flatMap((label) => {
    const own = order.filter((row) => row.label === label);
    const short = own.filter((row) => row.text.length <= LONGEST_EXAMPLE);
    return (short.length === 0 ? own : short)
      .slice(0, perLabel)
      .map((row) => ({ label, text: row.text.slice(0, LONGEST_EXAMPLE) }));
  });
  const mixed = shuffleByHash(chosen, (row) => row.text, SEED);
  let left = EXAMPLE_CHARACTERS;
  return mixed.filter((row) => {
    left -= row.text.length + row.label.length;
    return left >= 0;
  });
}

export function labelSchema({ labels }: LabelTask): JsonObject {
  return { enum: [...labels] };
}

/** What the generalist wrote, where it is a label; the schema leaves it nothing else but a cut answer. */
export function labelIn(text: string): string {
  return text.replace(/^"|"$/g, '').trim();
}

/** A document's fields, as the generalist writes them. */
type Fields = readonly { readonly field: string; readonly value: string }[];

export function fieldsOf({ text, spans }: FieldDocument): Fields {
  return spans.map(({ start, end, label }) => ({ field: label, value: text.slice(start, end) }));
}

export function fieldPrompt(
  labels: readonly string[],
  mode: Mode,
  train: readonly FieldDocument[],
): string {
  const bare = `List every field that the text holds, as a JSON list of objects with "field" and "value", each value copied exactly as it stands there. The fields are: ${labels.join(', ')}. Answer [] where it holds none.`;
  if (mode === 'zero-shot') return bare;
  const examples = shuffleByHash(train, (row) => row.text, SEED)
    .slice(0, LEAST_EXAMPLES)
    .map((row) => `Text: ${row.text}\nAnswer: ${JSON.stringify(fieldsOf(row))}`);
  return `${bare}\n\n${examples.join('\n\n')}`;
}

export function fieldSchema(labels: readonly string[]): JsonObject {
  return {
    type: 'array',
    maxItems: 8,
    items: {
      type: 'object',
      properties: { field: { enum: [...labels] }, value: { type: 'string' } },
      required: ['field', 'value'],
      additionalProperties: false,
    },
  };
}

/** Whether both name the same fields with the same values, in any order. */
export function isSameFields(wanted: Fields, given: string): boolean {
  try {
    const keys = (fields: Fields) =>
      fields.map(({ field, value }) => `${field}\0${value.trim()}`).sort();
    return JSON.stringify(keys(wanted)) === JSON.stringify(keys(JSON.parse(given) as Fields));
  } catch {
    // An answer that was cut.
    return false;
  }
}
