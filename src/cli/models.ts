import type { ModelStatus } from '../core/catalogue.ts';
import { type Command, withFarm } from './command.ts';
import { formatBytes, formatTable, paint, print, printJson } from './terminal.ts';

export const modelsCommand: Command = {
  name: 'models',
  summary: 'list the models of the catalogue and where each one stands',
  usage: '',
  mostWords: 0,
  example: 'cadre models',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      const { models } = (await client.doGet('/cadre/v1/models', { signal: input.signal })) as {
        models: ModelStatus[];
      };
      if (input.json) {
        printJson(models);
        return 0;
      }
      const rows = models.map((model) => [
        model.id,
        model.capabilities.join(','),
        formatBytes(model.fileBytes),
        model.licence,
        stateText(model),
      ]);
      for (const line of formatTable([['model', 'can', 'size', 'licence', 'state'], ...rows]))
        print(line);
      for (const model of models)
        if (model.problem) print(paint('yellow', `${model.id}: ${model.problem}`));
      return 0;
    }),
};

export function stateText(model: ModelStatus): string {
  if (model.state !== 'pulling') return model.state;
  return `pulling ${Math.floor((model.pulledBytes / model.fileBytes) * 100)} %`;
}
