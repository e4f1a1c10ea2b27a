import { keyPrincipal } from '../core/access.ts';
import { VECTOR_STORE } from '../core/config-words.ts';
import type { FarmClient } from '../core/farm-client.ts';
import type { CollectionRow, KeyRow } from '../core/stores.ts';
import {
  type Command,
  type CommandInput,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { formatDollars, formatTable, note, paint, print, printJson, safeLine } from './terminal.ts';

/** A farm that was closed with keys is not opened to everybody by taking the last one away. */
const NO_KEY_LEFT = [
  'That was the last live key: every client is refused until there is a new one.',
  'Commands on this machine still work; make one: cadre keys add NAME',
  'To serve this machine without keys again, start with a new home: CADRE_HOME=FOLDER cadre up',
].join('\n');

const ACTIONS: readonly string[] = ['add', 'list', 'revoke'];

export const keysCommand: Command = {
  name: 'keys',
  summary: 'add, list and revoke API keys; with one key the farm asks for keys',
  usage: 'add NAME | list | revoke ID',
  mostWords: 2,
  example: 'cadre keys add laptop --budget 1.50 --rate 60 --tokens-per-minute 20000',
  flags: {
    budget: { type: 'string', value: 'USD', description: 'US dollars per day' },
    rate: { type: 'string', value: 'N', description: 'requests per minute and node' },
    'tokens-per-minute': {
      type: 'string',
      value: 'N',
      description: 'tokens per minute and node, read and written together',
    },
    groups: {
      type: 'string',
      value: 'A,B',
      description: 'groups whose documents it may read; operator = may administer',
    },
    'keep-text': { type: 'boolean', description: 'keep the text of its requests and answers' },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const [action = 'list', subject] = input.words;
      if (!ACTIONS.includes(action))
        throw new UsageError(`there is no “${action}”; say ${ACTIONS.join(', ')}`);
      if (action === 'list') await listKeys(input, client);
      else if (subject === undefined) throw new UsageError(`name the key to ${action}`);
      else if (action === 'add') await addKey(input, client, subject);
      else await revokeKey(input, client, subject);
      return 0;
    }),
};

async function listKeys(input: CommandInput, client: FarmClient): Promise<void> {
  const { keys } = (await client.doGet('/cadre/v1/keys', { signal: input.signal })) as {
    keys: KeyRow[];
  };
  if (input.json) printJson(keys);
  else if (keys.length === 0)
    print('No keys: only this machine is served. Make one: cadre keys add NAME');
  else
    for (const line of formatTable([
      ['id', 'name', 'groups', 'budget/day', 'rate/min', 'tokens/min', 'state'],
      ...keys.map((key) => [
        key.id,
        safeLine(key.name),
        key.principals.join(','),
        key.budgetDaily === undefined ? '–' : formatDollars(key.budgetDaily),
        String(key.rateLimit ?? '–'),
        String(key.tokenLimit ?? '–'),
        key.revokedAt === undefined ? 'live' : 'revoked',
      ]),
    ]))
      print(line);
}

async function addKey(input: CommandInput, client: FarmClient, name: string): Promise<void> {
  if (safeLine(name) !== name || name === '')
    throw new UsageError('the name of a key is one line without control characters');
  const budgetDaily = numberFlag(input, 'budget', { least: 0 });
  const rateLimit = numberFlag(input, 'rate', { least: 1, whole: true });
  const tokenLimit = numberFlag(input, 'tokens-per-minute', { least: 1, whole: true });
  const principals = textFlag(input, 'groups')
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const body = {
    name,
    keepsText: input.flags['keep-text'] === true,
    ...(principals ? { principals } : {}),
    ...(budgetDaily === undefined ? {} : { budgetDaily }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(tokenLimit === undefined ? {} : { tokenLimit }),
  };
  const made = (await client.doSend('POST', '/cadre/v1/keys', body, {
    signal: input.signal,
  })) as { key: KeyRow; secret: string };
  if (input.json) {
    printJson(made);
    return;
  }
  print(made.secret);
  const warning = `This is shown once; only its hash is kept. Id: ${made.key.id}`;
  note(paint('yellow', warning, process.stderr));
}

async function revokeKey(input: CommandInput, client: FarmClient, id: string): Promise<void> {
  const answer = await client.doSend(
    'DELETE',
    `/cadre/v1/keys/${encodeURIComponent(id)}`,
    undefined,
    { signal: input.signal },
  );
  if (input.json) printJson(answer);
  else print(`revoked ${id}`);
  const { collections } = (await client.doGet('/cadre/v1/collections', {
    signal: input.signal,
  })) as { collections: Pick<CollectionRow, 'name' | 'principals'>[] };
  const own = collections.filter(
    ({ name, principals }) =>
      name.startsWith(VECTOR_STORE) && principals.includes(keyPrincipal(id)),
  );
  if (own.length > 0)
    note(
      paint(
        'yellow',
        `its vector stores stay until their time is over, and nobody but operators reads them: ${own.map((one) => one.name).join(', ')}. cadre collections NAME shows one, cadre collections drop NAME deletes it.`,
        process.stderr,
      ),
    );
  const { keys } = (await client.doGet('/cadre/v1/keys', { signal: input.signal })) as {
    keys: KeyRow[];
  };
  if (keys.every((key) => key.revokedAt !== undefined))
    note(paint('yellow', NO_KEY_LEFT, process.stderr));
}
