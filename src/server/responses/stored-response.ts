import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import { type DocumentEdition, joinEditions } from '../../core/evidence.ts';
import type { Farm } from '../../core/farm.ts';
import { invalidField } from '../wire-fields.ts';
import { editionsOf } from '../withheld.ts';
import {
  holderOf,
  type Item,
  type ItemReference,
  isResponseId,
  type ReasoningItem,
} from './response-items.ts';
import type { ResponseRow, StoredResponse } from './response-row.ts';
import type { WireResponse } from './response-wire.ts';
import { isWithheld, shownRows } from './withheld-response.ts';

const DAY_MS = 86_400_000;
/** Rows of a chain that are read in one turn of the event loop: about a millisecond. */
const YIELD_AFTER = 16;

type Keeper = Pick<Farm, 'objects' | 'config'>;
type Shower = Keeper & Pick<Farm, 'stands'>;

/** Items that came from stored responses, and what the answers among them stand on. */
export interface StoredItems {
  readonly items: readonly Item[];
  readonly standsOn: readonly DocumentEdition[];
}

/** True where the farm keeps responses that do not forbid it. */
export function keepsResponses(farm: Keeper, store: boolean | undefined): boolean {
  return farm.config.record.responses && store !== false;
}

export function responseRow(farm: Keeper, key: string, body: StoredResponse): ResponseRow {
  const now = Date.now();
  const { id } = body.response;
  const expiresAt = now + farm.config.record.responseRetentionDays * DAY_MS;
  return { kind: 'response', id, key, createdAt: now, expiresAt, body };
}

/** The caller's stored response; another key's is as unknown as one that was never there. */
export async function findResponse(
  farm: Keeper,
  caller: Caller,
  id: string,
): Promise<ResponseRow | undefined> {
  // What was not given out here is not looked up: a store may choke on what stands in a path.
  if (!isResponseId(id)) return undefined;
  const row = await farm.objects.doGetObject('response', id);
  // What is stored was written here.
  return row?.key === caller.key ? (row as ResponseRow) : undefined;
}

/** The same as the caller may see it now. */
export async function findShown(
  farm: Shower,
  caller: Caller,
  id: string,
): Promise<ResponseRow | undefined> {
  const row = await findResponse(farm, caller, id);
  return row && (await shownRows(farm, caller, [row]))[0];
}

/**
 * The conversation up to and with a response: input and output of every response of the chain, the
 * oldest first, within the bounds of one request, without the words of answers whose documents fell.
 * `added` items follow and count too. Rejects with `previous_response_not_found` where one is missing,
 * foreign, expired, deleted or not done.
 */
export async function loadConversation(
  farm: Shower,
  caller: Caller,
  id: string,
  added: number,
): Promise<StoredItems> {
  const { messages: most, bodyBytes } = farm.config.limits;
  const turns: ResponseRow[] = [];
  let count = added;
  let size = 0;
  for (let next: string | undefined = id; next !== undefined; ) {
    const row = await findResponse(farm, caller, next);
    if (row === undefined) throw missing(farm, next, id);
    const { response, input } = row.body;
    requireDone(response);
    await keepLonger(farm, row);
    const turn = [...input, ...response.output];
    count += turn.length;
    if (count > most)
      throw invalidField('previous_response_id', `of a conversation with at most ${most} items`);
    size += JSON.stringify(turn).length;
    if (size > bodyBytes)
      throw invalidField('previous_response_id', `of a conversation of at most ${bodyBytes} bytes`);
    turns.push(row);
    // Reading a long chain must not keep others waiting.
    if (turns.length % YIELD_AFTER === 0) await nextTurn();
    const { previous_response_id: before } = response;
    next = typeof before === 'string' ? before : undefined;
  }
  return itemsOf(await shownRows(farm, caller, turns.toReversed()));
}

function itemsOf(rows: readonly ResponseRow[]): StoredItems {
  const standing = rows.filter((row) => !isWithheld(row));
  return {
    items: rows.flatMap(({ body }) => [...body.input, ...body.response.output]),
    standsOn: joinEditions(...standing.map(({ body }) => editionsOf(body.response))),
  };
}

function missing(farm: Keeper, id: string, asked: string): CadreError {
  const why = farm.config.record.responses
    ? id === asked
      ? `there is no response “${id.slice(0, 100)}”`
      : `the conversation needs the response “${id.slice(0, 100)}”, which is gone`
    : 'this farm stores no responses (`record.responses`)';
  return new CadreError('previous_response_not_found', why, { param: 'previous_response_id' });
}

function requireDone({ id, status }: WireResponse): void {
  if (status === 'completed' || status === 'incomplete') return;
  const words = status === 'queued' || status === 'in_progress' ? 'is not done' : `is ${status}`;
  throw new CadreError('previous_response_not_found', `the response “${id}” ${words}`, {
    param: 'previous_response_id',
  });
}

/** A conversation that goes on must not lose its beginning; written once per half of the retention. */
async function keepLonger(farm: Keeper, row: ResponseRow): Promise<void> {
  const retention = farm.config.record.responseRetentionDays * DAY_MS;
  const now = Date.now();
  if (row.expiresAt === undefined || row.expiresAt - now > retention / 2) return;
  // False = deleted or changed meanwhile, which is as good.
  await farm.objects.doChangeObject({ ...row, expiresAt: now + retention }, row.body);
}

/**
 * Items with every reference replaced by the stored item that it stands for. A thought that comes
 * back without its proof gets the one that was kept, since callers do not see proofs by default.
 */
export async function resolveReferences(
  farm: Shower,
  caller: Caller,
  items: readonly (Item | ItemReference)[],
): Promise<StoredItems> {
  const rows = new Map<string, ResponseRow | undefined>();
  const resolved: Item[] = [];
  const used = new Set<ResponseRow>();
  for (const [index, item] of items.entries()) {
    if (!isLookedUp(item)) {
      resolved.push(item);
      continue;
    }
    const holder = holderOf(item.id);
    if (holder !== undefined && !rows.has(holder))
      rows.set(holder, await findShown(farm, caller, holder));
    const row = holder === undefined ? undefined : rows.get(holder);
    const found = [...(row?.body.input ?? []), ...(row?.body.response.output ?? [])].find(
      (one) => one.id === item.id,
    );
    if (found !== undefined && row !== undefined) {
      resolved.push(found);
      used.add(row);
    } else if (item.type === 'reasoning') resolved.push(item);
    else throw invalidField(`input[${index}].id`, 'the id of an item of a stored response');
  }
  return { ...itemsOf([...used]), items: resolved };
}

function isLookedUp(item: Item | ItemReference): item is ItemReference | ReasoningItem {
  if (item.type === 'item_reference') return true;
  return item.type === 'reasoning' && item.encrypted_content === undefined;
}
