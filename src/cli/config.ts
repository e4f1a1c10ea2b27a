import { readRunning, readSettings } from '../main.ts';
import type { Command } from './command.ts';
import { note, paint, print, printJson } from './terminal.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'show the configuration, where it comes from, and what waits for a restart',
  usage: '',
  mostWords: 0,
  example: 'cadre config --json',
  flags: {},
  async run(input) {
    const settings = await readSettings();
    const running = await readRunning(settings.home);
    const needsRestart = running?.config.needsRestart ?? [];
    if (input.json) {
      printJson({
        file: settings.configFile ?? null,
        home: settings.home,
        config: settings.config,
        needsRestart,
      });
      return 0;
    }
    const from = settings.configFile ?? 'no cadre.yaml: every key has its default';
    const heads = [`# ${from} · home ${settings.home}`];
    if (running?.url !== undefined) heads.push(`# a farm runs at ${running.url}`);
    if (needsRestart.length > 0) heads.push(`# after a restart: ${needsRestart.join(', ')}`);
    for (const head of heads) note(paint('dim', head, process.stderr));
    print(await markedYaml(settings.config, needsRestart));
    return 0;
  },
};

/** The configuration as YAML; what is not in force yet says so beside its key. */
async function markedYaml(config: object, needsRestart: readonly string[]): Promise<string> {
  const { Document, isNode } = await import('yaml');
  const document = new Document(config);
  for (const name of needsRestart) {
    // A name may be followed by what it waits for, in brackets.
    const path = name.split(' ')[0]?.split('.') ?? [];
    const node = document.getIn(path, true);
    if (!isNode(node)) continue;
    if (typeof document.getIn(path) === 'object') node.commentBefore = ' waits for a restart';
    else node.comment = ' waits for a restart';
  }
  return document.toString().trimEnd();
}
