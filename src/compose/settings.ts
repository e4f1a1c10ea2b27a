import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, parseConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';

export interface Settings {
  readonly config: Config;
  /** Absolute path of the file that was read; absent when every key has its default. */
  readonly configFile?: string;
  /** Absolute path of CADRE_HOME. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the one optional cadre.yaml: `CADRE_CONFIG`, else ./cadre.yaml, else HOME/cadre.yaml.
 * A named file that is missing, YAML that does not parse and unknown keys are `config_invalid`.
 */
export async function loadSettings(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  overrides: Partial<Record<'server' | 'fleet', object>> = {},
): Promise<Settings> {
  const home = homeOf(environment);
  const named = environment['CADRE_CONFIG'];
  for (const file of configCandidates(environment, folder)) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && !named) return undefined;
      const reason =
        fileTrouble(error, file)?.message ?? `${file} cannot be read: ${error.message}`;
      throw new CadreError('config_invalid', reason, {
        param: 'CADRE_CONFIG',
      });
    });
    if (text !== undefined)
      return {
        config: withOverrides(await parseFile(file, text), overrides),
        configFile: file,
        home,
        environment,
      };
  }
  return { config: withOverrides(parseConfig({}), overrides), home, environment };
}

function homeOf(environment: Settings['environment']): string {
  return resolve(environment['CADRE_HOME'] || join(homedir(), '.cadre'));
}

/** Where the configuration may lie, the file that wins first. */
export function configCandidates(
  environment: Settings['environment'],
  folder: string,
): readonly string[] {
  const named = environment['CADRE_CONFIG'];
  if (named) return [resolve(folder, named)];
  return [join(folder, 'cadre.yaml'), join(homeOf(environment), 'cadre.yaml')];
}

async function parseFile(file: string, text: string): Promise<Config> {
  // 70 modules that a farm without a file does not need.
  const { parse, YAMLParseError } = await import('yaml');
  try {
    return parseConfig(parse(text));
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new CadreError(
        'config_invalid',
        `${file}: ${error.message.split('\n')[0] ?? 'not YAML'}`,
      );
    if (error instanceof CadreError)
      throw new CadreError(
        error.code,
        `${file}: ${error.message}`,
        error.param === undefined ? {} : { param: error.param },
      );
    throw error;
  }
}

/** Flags of the command line win over the file; the result is checked like the file. */
function withOverrides(
  config: Config,
  overrides: Partial<Record<'server' | 'fleet', object>>,
): Config {
  return parseConfig({
    ...config,
    server: { ...config.server, ...overrides.server },
    fleet: { ...config.fleet, ...overrides.fleet },
  });
}
