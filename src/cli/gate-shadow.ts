import { SHADOW_RATE_MOST } from '../core/config-shadow.ts';
import type { ShadowAgreement, ShadowStatus, ShadowWish } from '../core/shadow.ts';
import {
  type CommandInput,
  type FlagDefinition,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { formatDollars, formatTable, print, printJson, safeLine } from './terminal.ts';

const PATH = '/cadre/v1/gate/shadow';
const ROWS_SHOWN = 20;

export const shadowFlags: Readonly<Record<string, FlagDefinition>> = {
  rate: {
    type: 'string',
    value: 'SHARE',
    description: 'shadow: share of the answered requests that are asked again, 1% or 0.01',
  },
  spokes: {
    type: 'string',
    value: 'A,B',
    description: 'shadow: the spokes that may be asked; `all` = all that may serve the request',
  },
  budget: {
    type: 'string',
    value: 'DOLLARS',
    description: 'shadow: US dollars per day for remote spokes, 0.50/day',
  },
  seconds: {
    type: 'string',
    value: 'N',
    description: 'shadow: CPU seconds per day for spokes of this machine',
  },
  off: { type: 'boolean', description: 'shadow: no shadow runs any more' },
  reset: { type: 'boolean', description: 'shadow: what the configuration says counts again' },
};

/** `cadre gate shadow [--rate 1% …]`: shows how shadow runs stand, after a change where one is wished. */
export async function gateShadowCommand(input: CommandInput): Promise<number> {
  const wish = wishOf(input);
  return withFarm(input, async (client) => {
    const { signal } = input;
    const answer =
      Object.keys(wish).length === 0
        ? await client.doGet(PATH, { signal })
        : await client.doSend('POST', PATH, wish, { signal });
    const { shadow } = answer as { shadow: ShadowStatus };
    if (input.json) printJson(shadow);
    else for (const line of shadowLines(shadow)) print(line);
    return 0;
  });
}

function wishOf(input: CommandInput): ShadowWish {
  const rate = rateFlag(input);
  const budget = budgetFlag(input);
  const seconds = numberFlag(input, 'seconds', { least: 0 });
  const spokes = spokesFlag(input);
  const { off, reset } = input.flags;
  const wish = {
    ...(rate === undefined ? {} : { rate }),
    ...(budget === undefined ? {} : { budget }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(spokes === undefined ? {} : { spokes }),
  };
  if (reset === true) {
    if (Object.keys(wish).length > 0 || off === true)
      throw new UsageError('--reset goes back to the configuration; it takes no other change');
    return { reset };
  }
  if (off !== true) return wish;
  if (rate !== undefined) throw new UsageError('--off and --rate contradict each other');
  return { ...wish, rate: 0 };
}

/** Names parted by commas; none of them = all, which has to be said. */
function spokesFlag(input: CommandInput): string[] | undefined {
  const names = textFlag(input, 'spokes')
    ?.split(',')
    .map((one) => one.trim());
  if (names?.includes(''))
    throw new UsageError('--spokes needs names parted by commas such as a,b, or `all`');
  return names?.join() === 'all' ? [] : names;
}

/** `1%`, `1 %` or `0.01`. */
function rateFlag(input: CommandInput): number | undefined {
  const text = textFlag(input, 'rate')?.trim();
  if (text === undefined) return undefined;
  const isPercent = text.endsWith('%');
  const plain = isPercent ? text.slice(0, -1).trim() : text;
  const rate = plain === '' ? Number.NaN : Number(plain) / (isPercent ? 100 : 1);
  if (rate >= 0 && rate <= SHADOW_RATE_MOST) return rate;
  throw new UsageError(
    `--rate needs a share from 0 to ${100 * SHADOW_RATE_MOST} % such as 1% or 0.01, not “${text}”`,
  );
}

/** `0.50`, `$0.50` or `0.50/day`. */
function budgetFlag(input: CommandInput): number | undefined {
  const text = textFlag(input, 'budget')?.trim();
  if (text === undefined) return undefined;
  const amount = /^\$?(\d+(?:\.\d+)?|\.\d+)(?:\s*\/\s*day)?$/.exec(text)?.[1];
  if (amount !== undefined) return Number(amount);
  throw new UsageError(`--budget needs US dollars per day such as 0.50/day, not “${text}”`);
}

function shadowLines(shadow: ShadowStatus): string[] {
  const { rate, setBy, today, budget, seconds, answers, graded, failed, notes } = shadow;
  const who = setBy === 'command' ? 'set by this command' : 'as configured';
  const head =
    rate === 0
      ? `no shadow runs (${who})`
      : `${percent(rate)} of the answered \`auto\` requests are asked again, unseen, of another spoke (${who})`;
  const spokes =
    shadow.spokes.length === 0 ? 'all that may serve the request' : shadow.spokes.join(', ');
  return [
    head,
    `  spokes: ${safeLine(spokes)}`,
    `  today (${today.day}, UTC): ${formatDollars(today.dollars)} of ${formatDollars(budget)}, ${Number(today.seconds.toFixed(1))} of ${seconds} CPU seconds`,
    `  ${answers} answers, ${graded} graded, ${failed} failed; since the start ${shadow.sampled} sampled, ${shadow.waiting} waiting${droppedWords(shadow)}`,
    ...notes.map((one) => `  note: ${safeLine(one)}`),
    ...agreementLines(shadow.agreements),
    ...(rate > 0
      ? []
      : ['', 'Example: cadre gate shadow --rate 1% --budget 0.50/day; `--off` ends it.']),
  ];
}

function droppedWords({ dropped }: ShadowStatus): string {
  const parts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return parts.length === 0 ? '' : `, left out: ${parts.join(', ')}`;
}

function agreementLines(agreements: readonly ShadowAgreement[]): string[] {
  if (agreements.length === 0) return [];
  const rows = agreements
    .slice(0, ROWS_SHOWN)
    .map(({ spoke, beside, task, answers, compared, agreement, low = 0, high = 1 }) => [
      `  ${spoke}`,
      beside,
      task,
      String(answers),
      String(compared),
      agreement === undefined ? '–' : `${percent(agreement)} [${percent(low)}, ${percent(high)}]`,
    ]);
  const head = ['  spoke', 'beside', 'task', 'answers', 'compared', 'the same'];
  return ['', ...formatTable([head, ...rows])];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
