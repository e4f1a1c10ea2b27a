import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Described, DescribedEvent, WrittenRow } from '../core/description.ts';
import { toCadreError } from '../core/errors.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { HintedError } from './failure.ts';
import { note, ProgressLine, paint, safeLine } from './terminal.ts';

/** Rows of each label that a person is shown. */
const SHOWN = 2;
const PER_LABEL = 40;

/** What `--describe` asks for; undefined where the command has no such flag. */
export interface DescribeWish {
  readonly text: string;
  readonly labels: readonly string[];
  readonly perLabel: number;
  /** The rows are kept here, one JSON each line. */
  readonly path: string;
  readonly spoke?: string;
  readonly isSure: boolean;
}

export const DESCRIBE_FLAGS = {
  describe: {
    type: 'string',
    value: 'TEXT',
    description:
      'what is told apart: a local spoke writes the rows, in the place of --data; with --labels',
  },
  'per-label': {
    type: 'string',
    value: 'N',
    description: `of a description: rows of each label, ${PER_LABEL} by default`,
  },
  rows: {
    type: 'string',
    value: 'FILE',
    description:
      'of a description: where its rows are kept, NAME.rows.jsonl by default; those that are there stay',
  },
  spoke: { type: 'string', value: 'ID', description: 'of a description: the spoke that writes' },
} as const;

export function describeWishOf(input: CommandInput, name: string): DescribeWish | undefined {
  const text = textFlag(input, 'describe')?.trim();
  const spoke = textFlag(input, 'spoke');
  const perLabel = numberFlag(input, 'per-label', { least: 4, most: 500, whole: true });
  if (text === undefined) {
    if (spoke === undefined && perLabel === undefined && textFlag(input, 'rows') === undefined)
      return undefined;
    throw new UsageError('--per-label, --rows and --spoke belong to --describe');
  }
  if (text.length < 10) throw new UsageError('--describe says in a sentence what is told apart');
  const labels = [...new Set(listOf(textFlag(input, 'labels')))];
  if (labels.length < 2)
    throw new UsageError('name at least two labels with --labels A,B: they are what is told apart');
  return {
    text,
    labels,
    perLabel: perLabel ?? PER_LABEL,
    path: resolve(textFlag(input, 'rows') ?? `${name}.rows.jsonl`),
    ...(spoke && { spoke }),
    isSure: input.flags['yes'] === true,
  };
}

export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/**
 * Has the rows written that are missing from the file, and lets a person confirm a sample of them.
 * What is kept is in the file at once, so that the same command goes on after an interruption.
 */
export async function describeRows(
  client: FarmClient,
  wish: DescribeWish,
  input: CommandInput,
): Promise<Described> {
  const { text, labels, perLabel, path, spoke, isSure } = wish;
  if (!isSure && stdin.isTTY !== true)
    throw new HintedError(
      'invalid_request',
      'a person confirms a sample of the rows that a model wrote, and nobody is at a terminal',
      'Say `--yes` to train without: the card says that nobody looked at them.',
      undefined,
    );
  const rows = readRows(path, labels);
  const test = textFlag(input, 'test');
  const seed = numberFlag(input, 'seed', { least: 0, most: 2 ** 31 - 1, whole: true });
  const body = {
    ...{ text, labels, perLabel, known: rows },
    ...(spoke && { spoke }),
    ...(test && { test: resolve(test) }),
    ...(seed !== undefined && { seed }),
  };
  const events = client.doStream('/cadre/v1/described-rows', body, { signal: input.signal });
  const model = await keepRows(events, { rows, path, isQuiet: input.json });
  const confirmed = isSure ? 0 : await confirm(rows, wish, input.signal);
  return { text, model, confirmed };
}

/** Who wrote them. A farm that stops leaves what is there to the next run of the same command. */
async function keepRows(
  events: AsyncIterable<unknown>,
  kept: { readonly rows: WrittenRow[]; readonly path: string; readonly isQuiet: boolean },
): Promise<string> {
  const { rows, path, isQuiet } = kept;
  const line = new ProgressLine();
  let model = '';
  try {
    for await (const value of events) {
      const event = value as DescribedEvent;
      if (event.stage === 'row') {
        appendFileSync(path, `${JSON.stringify(event.row)}\n`);
        rows.push(event.row);
      } else if (event.stage === 'written') model = event.model;
      if (!isQuiet) tell(line, event, path);
    }
    return model;
  } catch (error) {
    const { code, message } = toCadreError(error);
    if (code !== 'farm_stopped' && code !== 'shutting_down') throw error;
    const hint = `${rows.length} rows stand in ${path}: the same command goes on from there.`;
    throw new HintedError(code, message, hint, error);
  } finally {
    line.end();
  }
}

function tell(line: ProgressLine, event: DescribedEvent, path: string): void {
  switch (event.stage) {
    case 'spoke':
      line.end(`${safeLine(event.spoke)} (${safeLine(event.model)}) writes rows into ${path}`);
      return;
    case 'asked':
      line.update('rows kept', event.kept, event.wanted, `${event.label}`);
      return;
    case 'row':
      line.update('rows kept', event.kept, event.wanted, event.row.text.slice(0, 60));
      return;
    case 'written':
      line.end(
        `kept: ${Object.entries(event.counts)
          .map(([label, count]) => `${safeLine(label)} ${count}`)
          .join(', ')}`,
      );
      for (const { reason, count, samples } of event.rejected)
        note(`left out: ${count} ${reason}, such as ${safeLine(samples[0] ?? '')}`);
      for (const warning of event.warnings) note(`note: ${safeLine(warning)}`);
  }
}

/** How many rows a person was shown and agreed to. Rejects where he does not. */
async function confirm(
  rows: readonly WrittenRow[],
  { labels, path }: DescribeWish,
  signal: AbortSignal,
): Promise<number> {
  const shown = labels.flatMap((label) => sample(rows.filter((row) => row.label === label)));
  const width = Math.max(...labels.map((label) => safeLine(label).length));
  note('');
  for (const { text, label } of shown)
    note(`  ${paint('bold', safeLine(label).padEnd(width), stderr)}  ${safeLine(text)}`);
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(
      `Are these ${shown.length} right, and may it learn from them all? [y/N] `,
      { signal },
    );
    if (/^y(es)?$/i.test(answer.trim())) return shown.length;
  } finally {
    lines.close();
  }
  throw new HintedError(
    'cancelled',
    `nothing is trained; the rows stand in ${path}`,
    'Correct or delete lines there and give the same command again: what is missing is written anew.',
    undefined,
  );
}

/** From the middle and the end: later rows are the less obvious ones. */
function sample(rows: readonly WrittenRow[]): WrittenRow[] {
  const step = Math.max(1, Math.floor(rows.length / SHOWN));
  return rows.filter((_, at) => (at + 1) % step === 0).slice(0, SHOWN);
}

function readRows(path: string, labels: readonly string[]): WrittenRow[] {
  if (!existsSync(path)) return [];
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.trim() === '' ? [] : [rowOf(line, path, at + 1)]));
  const other = rows.find((row) => !labels.includes(row.label));
  if (other === undefined) return rows;
  throw new UsageError(
    `${path} has rows labelled “${safeLine(other.label)}”, which --labels does not name; correct it, or name another file with --rows`,
  );
}

function rowOf(line: string, path: string, number: number): WrittenRow {
  try {
    const { text, label } = JSON.parse(line) as Partial<WrittenRow>;
    if (typeof text === 'string' && typeof label === 'string') return { text, label };
  } catch {
    // Told below with its place.
  }
  throw new UsageError(
    `${path}, line ${number} is no row {"text": …, "label": …}; correct it, or name another file with --rows`,
  );
}
