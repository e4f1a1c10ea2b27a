import { readSettings } from '../main.ts';
import type { Command } from './command.ts';
import { note, paint, print, printJson } from './terminal.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'show the configuration in force and where it comes from',
  usage: '',
  mostWords: 0,
  example: 'cadre config --json',
  flags: {},
  async run(input) {
    const settings = await readSettings();
    if (input.json)
      printJson({
        file: settings.configFile ?? null,
        home: settings.home,
        config: settings.config,
      });
    else {
      note(
        paint(
          'dim',
          `# ${settings.configFile ?? 'no cadre.yaml: every key has its default'} · home ${settings.home}`,
          process.stderr,
        ),
      );
      const { stringify } = await import('yaml');
      print(stringify(settings.config).trimEnd());
    }
    return 0;
  },
};
