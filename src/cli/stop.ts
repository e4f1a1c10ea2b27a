import { type Command, withFarm } from './command.ts';
import { print, printJson } from './terminal.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop the running farm after its running requests',
  usage: '',
  mostWords: 0,
  example: 'cadre stop',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      if (client.where === 'own-process') {
        if (input.json) printJson({ stopping: false });
        else print('No farm is running.');
        return 0;
      }
      await client.doSend('POST', '/cadre/v1/stop', {}, { signal: input.signal });
      if (input.json) printJson({ stopping: true });
      else print('The farm finishes its running requests and stops.');
      return 0;
    }),
};
