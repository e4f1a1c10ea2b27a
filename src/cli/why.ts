import type { AnswerOrigin } from '../core/answer-origin.ts';
import type { FarmStatus } from '../core/farm.ts';
import type { FarmClient } from '../core/farm-client.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';
import { explainReceipt, nearRowsOfFile } from '../main.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { nearLines, originLines } from './origin-words.ts';
import { paint, print, printJson } from './terminal.ts';

/** Cited places whose address is told. */
const PLACES_SHOWN = 12;
const NEAR_SHOWN = 5;
/** Receipts among which the newest request is looked for: one may have many requests below it. */
const NEWEST = [20, 500];

export const whyCommand: Command = {
  name: 'why',
  summary: 'show the life of one request: label, route, sources, checks, time, cost',
  usage: '[ID]',
  mostWords: 1,
  example: 'cadre why req_3k9f…',
  flags: {
    rows: {
      type: 'string',
      value: 'FILE',
      description: 'rows that taught the specialist: shows those nearest to --text',
    },
    text: { type: 'string', value: 'T', description: 'what was asked; a receipt has no words' },
  },
  run: (input) => {
    const near = nearWish(input);
    return withFarm(input, async (client) => {
      const id = input.words[0] ?? (await newestReceipt(client, input.signal));
      const answer = (await client.doGet(`/cadre/v1/receipts/${encodeURIComponent(id)}`, {
        signal: input.signal,
      })) as {
        receipt: Receipt;
        children: readonly Receipt[];
        outcomes: readonly Outcome[];
        shadows?: readonly Receipt[];
        origin?: AnswerOrigin;
      };
      const found = near && nearRowsOfFile({ ...near, kind: kindOf(id, answer.origin) });
      if (input.json) {
        printJson({ ...answer, ...(found === undefined ? {} : { near: found }) });
        return 0;
      }
      const { receipt, children, outcomes, shadows, origin } = answer;
      for (const line of explainReceipt(receipt, children, outcomes, shadows))
        print(/^\S/.test(line) ? paint('bold', line) : line);
      if (origin !== undefined)
        for (const line of [paint('bold', 'Taught by'), ...originLines(origin)]) print(line);
      if (origin !== undefined && found !== undefined)
        for (const line of [paint('bold', 'Nearest rows'), ...nearLines(found, origin)])
          print(line);
      await printPlaces(client, receipt, input.signal);
      return 0;
    });
  },
};

/** Looked at before anything is asked. */
function nearWish(input: CommandInput) {
  const [path, text] = [textFlag(input, 'rows'), textFlag(input, 'text')];
  if (path === undefined && text === undefined) return undefined;
  if (path === undefined || text === undefined || text.trim() === '')
    throw new UsageError('give both: --rows FILE with the rows, --text T with what was asked');
  return { path, text, most: NEAR_SHOWN };
}

function kindOf(id: string, origin: AnswerOrigin | undefined): AnswerOrigin['kind'] {
  if (origin !== undefined) return origin.kind;
  throw new UsageError(`no specialist that you may see answered ${id}; --rows is of those`);
}

/** Where a browser opens what was cited, with the sentence marked. */
async function printPlaces(
  client: FarmClient,
  { sources }: Receipt,
  signal: AbortSignal,
): Promise<void> {
  const cited = sources.filter((one) => one.cited && one.path !== '').slice(0, PLACES_SHOWN);
  if (cited.length === 0) return;
  const { url } = (await client.doGet('/cadre/v1/status', { signal })) as FarmStatus;
  if (url === undefined) return;
  print(paint('bold', 'Cited places'));
  for (const { collection, documentId, documentVersion, start, end } of cited)
    print(
      `  ${url}/documents/${encodeURIComponent(collection)}/${documentId}?start=${start}&end=${end}&version=${documentVersion}`,
    );
}

/** The id of the newest request that somebody sent: not one below it, not one asked again unseen. */
export async function newestReceipt(client: FarmClient, signal: AbortSignal): Promise<string> {
  for (const limit of NEWEST) {
    const { receipts } = (await client.doGet(`/cadre/v1/receipts?limit=${limit}`, { signal })) as {
      receipts: Receipt[];
    };
    const newest = receipts.find((one) => one.depth === 0 && one.shadow === undefined);
    if (newest !== undefined) return newest.id;
    if (receipts.length < limit) break;
  }
  throw new UsageError('no request has been recorded yet; ask something first');
}
