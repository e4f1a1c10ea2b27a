import type { FarmClient } from '../core/farm-client.ts';
import type { GivenLabel, LabelQueue } from '../core/labelling.ts';
import {
  type Command,
  type CommandInput,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { labelInTurn } from './label-turns.ts';
import { formatTable, note, print, printJson, safe, safeLine } from './terminal.ts';

const LIST_MOST = 500;
const LINE = 60;

/** The label of kept requests, given by a person. */
export const labelCommand: Command = {
  name: 'label',
  summary: 'say the labels of the kept requests that teach a specialist most',
  usage: '[NAME]',
  mostWords: 1,
  example: 'cadre label triage',
  flags: {
    capability: {
      type: 'string',
      value: 'X',
      description: 'requests to this name, or of this task of the gate; NAME is a specialist',
    },
    labels: { type: 'string', value: 'A,B,C', description: 'the labels there are' },
    limit: { type: 'string', value: 'N', description: 'rows to ask for, 50 by default' },
    row: { type: 'string', value: 'ID', description: 'with --label: set one and ask nothing' },
    label: { type: 'string', value: 'L', description: 'the label of --row' },
    new: { type: 'boolean', description: 'a label that the specialist does not have yet' },
    given: { type: 'boolean', description: 'list what people said, newest first' },
    'take-back': { type: 'string', value: 'ID', description: 'forget what was said of a row' },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const scope = scopeOf(input);
      const taken = textFlag(input, 'take-back');
      if (taken !== undefined) await takeBack(input, client, { ...scope, row: taken });
      else if (input.flags['given'] === true) await listGiven(input, client, scope);
      else if (textFlag(input, 'row') !== undefined || textFlag(input, 'label') !== undefined)
        await giveOne(input, client, scope);
      else await askForLabels(input, client, scope);
      return 0;
    }),
};

type Scope = Readonly<Record<'name' | 'capability', string>> | Readonly<Record<string, string>>;

function scopeOf(input: CommandInput): Scope {
  const [name] = input.words;
  const capability = textFlag(input, 'capability');
  if (name === undefined && capability === undefined)
    throw new UsageError('name a specialist, or say whose requests with --capability X');
  return { ...(name && { name }), ...(capability && { capability }) };
}

async function askForLabels(input: CommandInput, client: FarmClient, scope: Scope): Promise<void> {
  const { signal } = input;
  const limit = numberFlag(input, 'limit', { least: 1, most: 200, whole: true });
  const labels = textFlag(input, 'labels')
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (!input.json) note('looking for the rows that teach most …');
  const { queue } = (await client.doSend(
    'POST',
    '/cadre/v1/label-queue',
    { ...scope, ...(limit === undefined ? {} : { limit }), ...(labels && { labels }) },
    { signal },
  )) as { queue: LabelQueue };
  if (input.json) {
    printJson(queue);
    return;
  }
  if (queue.rows.length === 0) {
    print(
      `Nothing is left to ask: of ${queue.texts} texts of ${safeLine(queue.capability)} people labelled ${queue.given}, and the others are like these.`,
    );
    return;
  }
  const given = await labelInTurn(queue, {
    signal,
    give: async (row, label, isNew) => {
      const body = { ...scope, row, label, ...(isNew ? { isNew } : {}) };
      await client.doSend('POST', '/cadre/v1/labels', body, { signal });
    },
    takeBack: async (row) => {
      const query = new URLSearchParams({ ...scope, row });
      await client.doSend('DELETE', `/cadre/v1/labels?${query}`, undefined, { signal });
    },
  });
  print(
    `${given} ${given === 1 ? 'label' : 'labels'} given; ${queue.given + given} of ${queue.texts} texts have a person’s.`,
  );
  if (given > 0)
    print(
      `\`cadre train --from-traffic --capability ${safeLine(queue.capability)} --name NAME\` learns from them.`,
    );
}

async function giveOne(input: CommandInput, client: FarmClient, scope: Scope): Promise<void> {
  const [row, label] = [textFlag(input, 'row'), textFlag(input, 'label')];
  if (row === undefined || label === undefined)
    throw new UsageError('--row ID and --label L go together');
  const body = { ...scope, row, label, ...(input.flags['new'] === true ? { isNew: true } : {}) };
  const told = (await client.doSend('POST', '/cadre/v1/labels', body, {
    signal: input.signal,
  })) as { label: GivenLabel };
  if (input.json) printJson(told.label);
  else print(`${safeLine(row)} is “${safeLine(told.label.label)}”: ${shown(told.label)}`);
}

async function listGiven(input: CommandInput, client: FarmClient, scope: Scope): Promise<void> {
  const limit = numberFlag(input, 'limit', { least: 1, most: LIST_MOST, whole: true }) ?? 50;
  const query = new URLSearchParams({ ...scope, limit: String(limit) });
  const { labels } = (await client.doGet(`/cadre/v1/labels?${query}`, {
    signal: input.signal,
  })) as { labels: readonly GivenLabel[] };
  if (input.json) {
    printJson(labels);
    return;
  }
  if (labels.length === 0) {
    print('Nobody gave a label yet.');
    return;
  }
  const rows = labels.map((one) => [
    one.row,
    safeLine(one.label),
    one.key,
    new Date(one.at).toISOString().slice(0, 16).replace('T', ' '),
    shown(one),
  ]);
  for (const line of formatTable([['row', 'label', 'by', 'when (UTC)', 'text'], ...rows]))
    print(line);
}

async function takeBack(
  input: CommandInput,
  client: FarmClient,
  wish: Scope & { readonly row: string },
): Promise<void> {
  const query = new URLSearchParams({ ...wish });
  await client.doSend('DELETE', `/cadre/v1/labels?${query}`, undefined, { signal: input.signal });
  if (input.json) printJson({ row: wish.row });
  else print(`what was said of ${safe(wish.row)} is forgotten`);
}

function shown({ text }: GivenLabel): string {
  const line = safeLine(text ?? '(its text is kept no more)');
  return line.length <= LINE ? line : `${line.slice(0, LINE - 1)}…`;
}
