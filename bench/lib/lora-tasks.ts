import { textPart } from '../../src/core/chat.ts';
import type { ModelRequest } from '../../src/core/ports.ts';
import { type DocumentPart, fieldDocuments } from './field-documents.ts';
import { readBanking77 } from './intent-sets.ts';
import { TOOLS, toolRequests } from './tool-requests.ts';

/** A text and the right answer to it. */
export interface TaskRow {
  readonly text: string;
  readonly answer: string;
}

export interface LoraTask {
  readonly name: string;
  readonly train: readonly TaskRow[];
  readonly test: readonly TaskRow[];
  /** Of the trainer, where they are not its usual ones. */
  readonly settings: Readonly<Record<string, number>>;
  /** What the adapter is asked. */
  readonly bare: (row: TaskRow) => ModelRequest;
  /** What a large model is asked; absent = it is not. */
  readonly shown?: (row: TaskRow) => ModelRequest;
}

const TEST_ROWS = 300;
const SHOWN = 5;

export function loraTasks(seed: number): readonly LoraTask[] {
  return [bankingTask(), ...generatedTasks(seed)];
}

/** Those that need no data from elsewhere. */
export function generatedTasks(seed: number): readonly LoraTask[] {
  return [fieldTask(seed), toolTask(seed)];
}

function bankingTask(): LoraTask {
  const { train, test } = readBanking77();
  const rowOf = ({ text, label }: { readonly text: string; readonly label: string }) => ({
    text,
    answer: label.replaceAll('_', ' ').replace('?', '').toLowerCase(),
  });
  return {
    name: 'banking77',
    train: train.map(rowOf),
    test: test.map(rowOf),
    settings: {},
    bare: bareRequest,
  };
}

/** Fields of a document as an object of strings; what the document does not say is left out. */
function fieldTask(seed: number): LoraTask {
  const rowsOf = (part: DocumentPart, count: number) =>
    unique(fieldDocuments(seed, part, 2 * count), count, ({ text, spans }) => ({
      text,
      answer: JSON.stringify(
        Object.fromEntries(
          spans
            .map(({ start, end, label }) => [label, text.slice(start, end)] as const)
            .toSorted(([left], [right]) => (left < right ? -1 : 1)),
        ),
      ),
    }));
  const train = rowsOf('train', 1600);
  const fields = [
    ...new Set(train.flatMap(({ answer }) => Object.keys(JSON.parse(answer) as object))),
  ].sort();
  const words = `Extract the fields of the text as a JSON object. Fields: ${fields.join(', ')}. Copy each value exactly as it stands in the text. Leave out fields that the text does not have; answer {} where it has none.`;
  return {
    name: 'fields',
    train,
    test: rowsOf('test', TEST_ROWS),
    settings: { batchRows: 16, rounds: 2, leastSteps: 160 },
    bare: bareRequest,
    shown: (row) => shownRequest(row, words, examplesOf(train), stringsSchema(fields)),
  };
}

/** Which tool with which arguments. */
function toolTask(seed: number): LoraTask {
  const rowsOf = (part: DocumentPart, count: number) =>
    unique(toolRequests(seed, part, 4 * count), count, ({ text, call }) => ({
      text,
      answer: JSON.stringify(call),
    }));
  const train = rowsOf('train', 2000);
  const schema = { anyOf: Object.entries(TOOLS).map(([name, tool]) => callSchema(name, tool)) };
  const list = Object.entries(TOOLS).map(
    ([name, { parameters, purpose }]) =>
      `${name}(${Object.keys(parameters).join(', ')}): ${purpose}`,
  );
  const words = `Answer with the one call that the request asks for, as JSON: {"name": …, "arguments": {…}}. Tools:\n${list.join('\n')}\nCopy the values of the arguments exactly as they stand in the request, and leave out arguments that it does not give.`;
  return {
    name: 'tools',
    train,
    test: rowsOf('test', TEST_ROWS),
    settings: { batchRows: 16, rounds: 1, leastSteps: 128 },
    bare: bareRequest,
    shown: (row) => shownRequest(row, words, examplesOf(train), schema),
  };
}

function callSchema(name: string, { parameters }: { readonly parameters: object }) {
  return {
    type: 'object',
    properties: { name: { const: name }, arguments: stringsSchema(Object.keys(parameters)) },
    required: ['name', 'arguments'],
    additionalProperties: false,
  };
}

/** An object of strings, any of which may be missing. */
function stringsSchema(names: readonly string[]) {
  return {
    type: 'object',
    properties: stringsOf(names),
    required: [],
    additionalProperties: false,
  };
}

function stringsOf(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
}

/** The first rows with answers of different shapes: what they have in common is the task. */
function examplesOf(train: readonly TaskRow[]): readonly TaskRow[] {
  const shapes = new Map<string, TaskRow>();
  for (const row of train) {
    const shape = row.answer.replace(/:"[^"]*"/g, '');
    if (!shapes.has(shape)) shapes.set(shape, row);
  }
  return [...shapes.values()].slice(0, SHOWN);
}

function bareRequest({ text }: TaskRow): ModelRequest {
  return {
    messages: [{ role: 'user', content: textPart(text) }],
    sampling: { temperature: 0 },
    maxTokens: 96,
  };
}

function shownRequest(
  row: TaskRow,
  words: string,
  examples: readonly TaskRow[],
  jsonSchema: ModelRequest['jsonSchema'] & object,
): ModelRequest {
  return {
    ...bareRequest(row),
    messages: [
      { role: 'system', content: textPart(words) },
      ...examples.flatMap(({ text, answer }) => [
        { role: 'user' as const, content: textPart(text) },
        { role: 'assistant' as const, content: textPart(answer) },
      ]),
      { role: 'user', content: textPart(row.text) },
    ],
    jsonSchema,
  };
}

/** Each text once. */
function unique<T>(values: readonly T[], count: number, rowOf: (value: T) => TaskRow): TaskRow[] {
  const rows = new Map<string, TaskRow>();
  for (const row of values.map(rowOf)) if (rows.size < count) rows.set(row.text, row);
  return [...rows.values()];
}
