import type { Dialect } from '../core/chat.ts';
import type { CheckResult, ConformanceReport, ConformanceWish } from '../core/conformance.ts';
import { evaluateConformance, VENDOR_MODELS } from '../main.ts';
import {
  type Command,
  type CommandInput,
  numberFlag,
  textFlag,
  textFlags,
  UsageError,
} from './command.ts';
import { note, paint, print, printJson, safeLine } from './terminal.ts';

const DIALECTS: readonly Dialect[] = ['openai', 'anthropic', 'ollama'];
const PATIENCE_SECONDS = 45;

/** `cadre eval conformance`: does a gateway, whoever made it, keep what clients rely on? */
export const conformanceEvaluation: Command = {
  name: 'eval conformance',
  summary: 'does a gateway keep what it owes its clients?',
  usage: '--base-url URL --model NAME',
  mostWords: 0,
  example: 'cadre eval conformance --base-url http://127.0.0.1:4117/v1 --model auto',
  flags: {
    'base-url': { type: 'string', value: 'URL', description: 'the gateway, with or without /v1' },
    model: { type: 'string', value: 'NAME', description: 'a chat model that it serves' },
    models: {
      type: 'string',
      value: 'E=NAME,…',
      description: 'models of other endpoints, embeddings=…,rerank=…,moderations=…',
    },
    dialect: { type: 'string', value: 'D', description: 'openai (default), anthropic or ollama' },
    key: { type: 'string', value: 'KEY', description: 'sent as the dialect sends keys' },
    'key-env': {
      type: 'string',
      value: 'NAME',
      description: 'environment variable that holds the key',
    },
    header: {
      type: 'string',
      value: 'N:V',
      multiple: true,
      description: 'sent with each request; may be repeated',
    },
    'upstream-port': {
      type: 'string',
      value: 'PORT',
      description: `start a scripted vendor on 127.0.0.1:PORT, to which the gateway must forward the models ${VENDOR_MODELS.join(', ')}`,
    },
    'upstream-prefix': {
      type: 'string',
      value: 'TEXT',
      description: 'what the gateway wants before the names of these models',
    },
    patience: {
      type: 'string',
      value: 'SECONDS',
      description: `silence that counts as hanging (default ${PATIENCE_SECONDS}); more than the gateway’s own limit`,
    },
    only: { type: 'string', value: 'A,B', description: 'only checks whose id begins so' },
  },
  async run(input) {
    const wish = readWish(input);
    if (!input.json) print(paint('dim', `${wish.baseUrl} · ${wish.dialect} · ${wish.model}`));
    const report = await evaluateConformance({
      wish,
      signal: input.signal,
      onResult: input.json ? () => undefined : printRow,
    });
    if (input.json) printJson(report);
    else printSummary(report);
    return report.metrics.failedRequired === 0 ? 0 : 1;
  },
};

function readWish(input: CommandInput): ConformanceWish {
  const key = textFlag(input, 'key');
  const keyEnv = textFlag(input, 'key-env');
  const upstreamPort = readPort(input);
  const baseUrl = required(input, 'base-url');
  if (!URL.canParse(baseUrl)) throw new UsageError(`--base-url is no address: “${baseUrl}”`);
  return {
    baseUrl,
    model: required(input, 'model'),
    dialect: readDialect(textFlag(input, 'dialect') ?? 'openai'),
    ...(key === undefined ? {} : { key }),
    ...(keyEnv === undefined ? {} : { keyEnv }),
    headers: Object.fromEntries(textFlags(input, 'header').map(readHeader)),
    models: Object.fromEntries(readList(input, 'models').map(readModel)),
    ...(upstreamPort === undefined ? {} : { upstreamPort }),
    upstreamPrefix: textFlag(input, 'upstream-prefix') ?? '',
    patience: readPatience(input),
    only: readList(input, 'only'),
  };
}

function required(input: CommandInput, name: string): string {
  const value = textFlag(input, name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is needed`);
  return value;
}

function readDialect(text: string): Dialect {
  const dialect = DIALECTS.find((one) => one === text);
  if (dialect === undefined)
    throw new UsageError(`--dialect is ${DIALECTS.join(', ')}, not “${text}”`);
  return dialect;
}

function readPort(input: CommandInput): number | undefined {
  const port = numberFlag(input, 'upstream-port');
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new UsageError('--upstream-port needs a port number');
  return port;
}

function readPatience(input: CommandInput): number {
  const patience = numberFlag(input, 'patience') ?? PATIENCE_SECONDS;
  if (!(patience >= 1 && patience <= 600))
    throw new UsageError('--patience needs 1 to 600 seconds');
  return patience;
}

function readList(input: CommandInput, name: string): readonly string[] {
  return (textFlag(input, name) ?? '').split(',').filter((one) => one !== '');
}

function readHeader(text: string): [string, string] {
  const [, name, value] = /^([\w-]+)\s*:\s*(.*)$/.exec(text) ?? [];
  // The text may be a secret and is not repeated.
  if (name === undefined || value === undefined)
    throw new UsageError('--header needs “name: value”');
  return [name.toLowerCase(), value];
}

function readModel(text: string): [string, string] {
  const [endpoint, name] = text.split(/=(.*)/s);
  if (endpoint === undefined || !name)
    throw new UsageError(`--models needs ENDPOINT=NAME, not “${text}”`);
  return [endpoint, name];
}

const MARKS = {
  pass: paint('green', '✓ pass'),
  fail: paint('red', '✗ fail'),
  skip: paint('yellow', '○ skip'),
} as const;

function printRow(result: CheckResult): void {
  const { id, what, verdict, required: isRequired, seen } = result;
  const weight = isRequired ? '' : ' (optional)';
  print(`${MARKS[verdict]}  ${id.padEnd(24)} ${what}${weight}`);
  if (verdict !== 'pass' || seen !== '') print(paint('dim', `        ${safeLine(seen)}`));
}

function printSummary(report: ConformanceReport): void {
  const { passed, failed, failedRequired, skipped } = report.metrics;
  note(`${passed} passed, ${failed} failed (${failedRequired} required), ${skipped} skipped`);
  print(`RESULT ${JSON.stringify(report)}`);
}
