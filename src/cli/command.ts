import { parseArgs } from 'node:util';
import type { FarmClient } from '../core/farm-client.ts';
import { nearestName } from '../core/nearest.ts';

export interface FlagDefinition {
  readonly type: 'boolean' | 'string';
  readonly description: string;
  /** Shown after a string flag in the help. */
  readonly value?: string;
  /** May be given several times. */
  readonly multiple?: true;
}

export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface CommandInput {
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** Connects to the running farm, or starts one in this process. */
  readonly connect: () => Promise<FarmClient>;
}

/** One command of the CLI. Its run resolves to the exit code. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, e.g. `QUESTION`. */
  readonly usage: string;
  /** Words that may follow the name; more are wrong use. */
  readonly mostWords: number;
  readonly example: string;
  readonly flags: Readonly<Record<string, FlagDefinition>>;
  readonly run: (input: CommandInput) => Promise<number>;
  /** Commands behind this one's name, such as `eval gate`; `run` answers where none of them is named. */
  readonly parts?: readonly Command[];
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {}

const COMMON: Record<string, FlagDefinition> = {
  json: { type: 'boolean', description: 'print JSON for programs' },
  help: { type: 'boolean', description: 'this text' },
};

export function parseCommand(
  command: Command,
  args: readonly string[],
): { words: string[]; flags: Flags } {
  const known = { ...command.flags, ...COMMON };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [
      name,
      { type: flag.type, multiple: flag.multiple ?? false },
    ]),
  );
  const parsed = readArguments(args, options, Object.keys(known));
  const extra = parsed.positionals[command.mostWords];
  if (extra !== undefined && parsed.values['help'] !== true)
    throw new UsageError(`“${extra}” is one word too many`);
  return {
    words: parsed.positionals,
    flags: parsed.values as Flags,
  };
}

function readArguments(
  args: readonly string[],
  options: Record<string, { type: 'boolean' | 'string'; multiple: boolean }>,
  known: readonly string[],
) {
  try {
    return parseArgs({
      args: joinNegative(args, options),
      options,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '--?([\w-]+)/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(wrongValue(message));
    const near = nearestName(unknown, known);
    throw new UsageError(`unknown flag --${unknown}${near ? `; did you mean --${near}?` : ''}`);
  }
}

/** `--limit -1` gives a number, not a flag called 1: its range is checked like any other's. */
function joinNegative(
  args: readonly string[],
  options: Record<string, { type: 'boolean' | 'string' }>,
): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const flag = joined.at(-1) ?? '';
    if (/^-\d/.test(arg) && flag.startsWith('--') && options[flag.slice(2)]?.type === 'string')
      joined.splice(-1, 1, `${flag}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

/** A flag without its value, or with one that it does not take. */
function wrongValue(message: string): string {
  const flag = /--[\w-]+/.exec(message)?.[0];
  if (flag === undefined) return message.split('.')[0] ?? message;
  return message.includes('does not take') ? `${flag} takes no value` : `${flag} needs a value`;
}

/** The part that the words name, with the words behind it; the command itself where they name none. */
export function findPart(
  command: Command,
  args: readonly string[],
): { readonly command: Command; readonly args: readonly string[] } {
  const named = (part: Command, word: string) => part.name === `${command.name} ${word}`;
  const at = args.findIndex((word) => command.parts?.some((part) => named(part, word)));
  const part = command.parts?.find((one) => named(one, args[at] ?? ''));
  return part === undefined ? { command, args } : { command: part, args: args.toSpliced(at, 1) };
}

export function helpText(command: Command): string {
  const parts = (command.parts ?? []).map((part) => `  cadre ${part.name} ${part.usage}`.trimEnd());
  const flags = Object.entries({ ...command.flags, ...COMMON }).map(([name, flag]) => {
    const left = `--${name}${flag.type === 'string' ? ` ${flag.value ?? 'TEXT'}` : ''}`;
    return `  ${left.padEnd(24)} ${flag.description}`;
  });
  return [
    `cadre ${command.name} ${command.usage}`.trim(),
    '',
    command.summary,
    '',
    ...(parts.length === 0 ? [] : [...parts, '']),
    ...flags,
    '',
    `Example: ${command.example}`,
  ].join('\n');
}

/**
 * The flags of several actions in one table. A flag of several actions tells what it means for each.
 * Throws RangeError where they read it differently.
 */
export function mergeFlags(
  ...tables: readonly Readonly<Record<string, FlagDefinition>>[]
): Readonly<Record<string, FlagDefinition>> {
  const merged: Record<string, FlagDefinition> = {};
  for (const [name, flag] of tables.flatMap((table) => Object.entries(table))) {
    const before = merged[name];
    if (before !== undefined && (before.type !== flag.type || before.multiple !== flag.multiple))
      throw new RangeError(`--${name} is read in two ways`);
    merged[name] =
      before === undefined
        ? flag
        : {
            ...flag,
            ...(flag.value === undefined ? {} : { value: joined(before.value, flag.value, '|') }),
            description: joined(before.description, flag.description, '; '),
          };
  }
  return merged;
}

function joined(before: string | undefined, value: string, sign: string): string {
  return before === undefined || before === value ? value : `${before}${sign}${value}`;
}

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  readonly whole?: true;
}

/** A flag's number; wrong text and a number out of range are usage errors that name the flag. */
export function numberFlag(
  input: CommandInput,
  name: string,
  range?: NumberRange,
): number | undefined {
  const value = input.flags[name];
  if (typeof value !== 'string') return undefined;
  const number = Number(value);
  if (!Number.isFinite(number) || value.trim() === '' || (range && !isWithin(number, range)))
    throw new UsageError(`--${name} needs ${rangeWords(range)}, not “${value}”`);
  return number;
}

function isWithin(number: number, { least, most = Infinity, whole }: NumberRange): boolean {
  return number >= least && number <= most && (whole === undefined || Number.isInteger(number));
}

function rangeWords(range: NumberRange | undefined): string {
  if (range === undefined) return 'a number';
  const kind = range.whole ? 'a whole number' : 'a number';
  return range.most === undefined
    ? `${kind} of at least ${range.least}`
    : `${kind} from ${range.least} to ${range.most}`;
}

export function textFlag(input: CommandInput, name: string): string | undefined {
  const value = input.flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a flag that may be given several times. */
export function textFlags(input: CommandInput, name: string): readonly string[] {
  const value = input.flags[name];
  return Array.isArray(value) ? value : [];
}

/** Runs a body with a connection that is closed afterwards, whatever happens. */
export async function withFarm(
  input: CommandInput,
  body: (client: FarmClient) => Promise<number>,
): Promise<number> {
  const client = await input.connect();
  try {
    return await body(client);
  } finally {
    await client.doClose();
  }
}
