import type { KeyRow } from '../core/stores.ts';
import { type Command, numberFlag, textFlag, UsageError, withFarm } from './command.ts';
import { formatDollars, formatTable, note, paint, print, printJson } from './terminal.ts';

export const keysCommand: Command = {
  name: 'keys',
  summary: 'add, list and revoke API keys; with one key the farm asks for keys',
  usage: 'add NAME | list | revoke ID',
  example: 'cadre keys add laptop --budget 1.50 --rate 60',
  flags: {
    budget: { type: 'string', value: 'USD', description: 'US dollars per day' },
    rate: { type: 'string', value: 'N', description: 'requests per minute' },
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
      if (action === 'list') {
        const { keys } = (await client.doGet('/cadre/v1/keys', { signal: input.signal })) as {
          keys: KeyRow[];
        };
        if (input.json) printJson(keys);
        else if (keys.length === 0)
          print('No keys: only this machine is served. Make one: cadre keys add NAME');
        else
          for (const line of formatTable([
            ['id', 'name', 'groups', 'budget/day', 'rate/min', 'state'],
            ...keys.map((key) => [
              key.id,
              key.name,
              key.principals.join(','),
              key.budgetDaily === undefined ? '–' : formatDollars(key.budgetDaily),
              String(key.rateLimit ?? '–'),
              key.revokedAt === undefined ? 'live' : 'revoked',
            ]),
          ]))
            print(line);
        return 0;
      }
      if (subject === undefined) throw new UsageError(`name the key to ${action}`);
      if (action === 'add') {
        const budgetDaily = numberFlag(input, 'budget');
        const rateLimit = numberFlag(input, 'rate');
        const principals = textFlag(input, 'groups')
          ?.split(',')
          .map((one) => one.trim())
          .filter(Boolean);
        const body = {
          name: subject,
          keepsText: input.flags['keep-text'] === true,
          ...(principals ? { principals } : {}),
          ...(budgetDaily === undefined ? {} : { budgetDaily }),
          ...(rateLimit === undefined ? {} : { rateLimit }),
        };
        const made = (await client.doSend('POST', '/cadre/v1/keys', body, {
          signal: input.signal,
        })) as { key: KeyRow; secret: string };
        if (input.json) printJson(made);
        else {
          print(made.secret);
          note(
            paint(
              'yellow',
              `This is shown once; only its hash is kept. Id: ${made.key.id}`,
              process.stderr,
            ),
          );
        }
        return 0;
      }
      if (action !== 'revoke') throw new UsageError(`unknown action “${action}”`);
      const answer = await client.doSend(
        'DELETE',
        `/cadre/v1/keys/${encodeURIComponent(subject)}`,
        undefined,
        { signal: input.signal },
      );
      if (input.json) printJson(answer);
      else print(`revoked ${subject}`);
      return 0;
    }),
};
