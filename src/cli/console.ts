import { CadreError } from '../core/errors.ts';
import type { FarmStatus } from '../core/farm.ts';
import { type Command, withFarm } from './command.ts';
import { print, printJson } from './terminal.ts';

export const consoleCommand: Command = {
  name: 'console',
  summary: 'print a fresh URL that signs a browser in to the console, once',
  usage: '',
  mostWords: 0,
  example: 'cadre console',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      const { url } = (await client.doGet('/cadre/v1/status', {
        signal: input.signal,
      })) as FarmStatus;
      if (client.where === 'own-process' || url === undefined)
        throw new CadreError(
          'conflict',
          'no farm is running; start one with `npm start` or `cadre up`',
        );
      const { token } = (await client.doSend(
        'POST',
        '/cadre/v1/token',
        {},
        { signal: input.signal },
      )) as { token: string };
      const address = `${url}/?token=${token}`;
      if (input.json) printJson({ url: address });
      else print(address);
      return 0;
    }),
};
