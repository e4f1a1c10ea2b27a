import { stdin, stdout } from 'node:process';
import { text as readAll } from 'node:stream/consumers';
import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Citation } from '../core/evidence.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { citationLines, summaryLine } from './answer-text.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { FILTER_FLAGS, filterOf } from './filter-flags.ts';
import { note, ProgressLine, paint, print, printJson, safe, safeLine } from './terminal.ts';
import { type Answer, readChunk } from './wire.ts';

export interface Question {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly collection?: string;
  readonly session?: string;
  readonly label?: string;
  readonly maxTokens?: number;
  readonly footnotes?: boolean;
  readonly deep?: boolean;
  readonly filter?: JsonObject;
}

/** Asks and streams the text to stdout as it comes; progress of loading models goes to stderr. */
export async function streamAnswer(
  client: FarmClient,
  question: Question,
  signal: AbortSignal,
  quiet: boolean,
  onEvent?: (event: CadreEvent) => void,
): Promise<Answer> {
  const progress = new ProgressLine();
  let citations: readonly Citation[] = [];
  let text = '';
  let last: CadreEvent | undefined;
  let abstained: Answer['abstained'];
  const headers: Record<string, string> = { 'x-cadre-events': '1' };
  if (question.collection) headers['x-cadre-collection'] = question.collection;
  if (question.session) headers['x-cadre-session'] = question.session;
  if (question.label) headers['x-cadre-label'] = question.label;
  if (question.footnotes) headers['x-cadre-footnotes'] = '1';
  if (question.deep) headers['x-cadre-reading'] = 'deep';
  const body = {
    model: question.model,
    messages: question.messages,
    stream: true,
    ...(question.maxTokens === undefined ? {} : { max_tokens: question.maxTokens }),
    ...(question.filter === undefined ? {} : { cadre: { filter: question.filter } }),
  };
  for await (const value of client.doStream('/v1/chat/completions', body, { signal, headers })) {
    const chunk = readChunk(value);
    if (chunk.text !== '') {
      progress.end();
      if (!quiet) stdout.write(safe(chunk.text));
      text += chunk.text;
    }
    citations = chunk.isSummary ? chunk.citations : [...citations, ...chunk.citations];
    if (chunk.event === undefined) continue;
    last = chunk.event;
    onEvent?.(last);
    if (last.type === 'model-loading' && !quiet)
      progress.update(`loading ${last.model}`, last.progress, 1);
    if (last.type === 'answer-abstained') abstained = last.abstention;
    if (last.type === 'route-escalated' && !quiet)
      note(paint('dim', `  ${last.from} → ${last.to}: ${last.reason}`, process.stderr));
  }
  progress.end();
  if (!quiet && text !== '') stdout.write('\n');
  const receipt = last?.type === 'answer-ended' ? last.receipt : undefined;
  return { text, citations, ...(receipt ? { receipt } : {}), ...(abstained ? { abstained } : {}) };
}

async function readQuestion(input: CommandInput): Promise<string> {
  const words = input.words.join(' ').trim();
  const piped =
    words === '-' || (words === '' && !stdin.isTTY) ? (await readAll(stdin)).trim() : '';
  const question = words === '-' ? piped : words || piped;
  if (question === '') throw new UsageError('say what to ask: cadre ask "How do I …?"');
  return question;
}

export const askCommand: Command = {
  name: 'ask',
  summary: 'ask the farm; the gate picks the spoke unless you name one',
  usage: 'QUESTION',
  mostWords: Number.POSITIVE_INFINITY,
  example: 'cadre ask --in handbook "Who approves a trip abroad?"',
  flags: {
    in: { type: 'string', value: 'NAME', description: 'answer only from this collection' },
    model: {
      type: 'string',
      value: 'NAME',
      description: 'auto (default), auto:cheap, auto:best, hub, or a spoke',
    },
    label: { type: 'string', value: 'LABEL', description: 'public, internal, personal or secret' },
    session: {
      type: 'string',
      value: 'ID',
      description: 'keep requests of one session on one spoke',
    },
    footnotes: { type: 'boolean', description: 'citations as Markdown footnotes in the text' },
    deep: {
      type: 'boolean',
      description: 'read on in the documents wherever something is missing',
    },
    ...FILTER_FLAGS,
    'max-tokens': { type: 'string', value: 'N', description: 'longest answer' },
  },
  async run(input) {
    const question = await readQuestion(input);
    const collection = textFlag(input, 'in');
    const session = textFlag(input, 'session');
    const label = textFlag(input, 'label');
    const longest = textFlag(input, 'max-tokens');
    const filter = filterOf(input);
    if (filter !== undefined && collection === undefined)
      throw new UsageError('--path, --type, --after, --before and --meta need --in NAME');
    if (longest !== undefined && !/^[1-9]\d*$/.test(longest))
      throw new UsageError(`--max-tokens needs a whole number above 0, not “${longest}”`);
    return withFarm(input, async (client) => {
      const model = textFlag(input, 'model') ?? (collection ? `knowledge:${collection}` : 'auto');
      const answer = await streamAnswer(
        client,
        {
          model,
          messages: [{ role: 'user', content: question }],
          ...(collection ? { collection } : {}),
          ...(session ? { session } : {}),
          ...(label ? { label } : {}),
          ...(filter ? { filter } : {}),
          ...(longest ? { maxTokens: Number(longest) } : {}),
          ...(input.flags['footnotes'] === true ? { footnotes: true } : {}),
          ...(input.flags['deep'] === true ? { deep: true } : {}),
        },
        input.signal,
        input.json,
      );
      if (answer.receipt === undefined)
        throw new CadreError('internal', 'the stream ended without a receipt');
      if (input.json) {
        printJson(answer);
        return 0;
      }
      const hasNotes = input.flags['footnotes'] === true && answer.abstained === undefined;
      if (!hasNotes) for (const line of citationLines(answer)) print(line);
      for (const warning of answer.receipt.warnings ?? [])
        note(paint('yellow', safeLine(warning), process.stderr));
      note(paint('dim', summaryLine(answer.receipt), process.stderr));
      return 0;
    });
  },
};
