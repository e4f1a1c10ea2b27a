import type { Candidate, RouteDecision } from '../core/decision.ts';
import { featureWords } from '../core/feature-words.ts';
import type { GateStatus } from '../core/gate-report.ts';
import { probabilityRange } from '../core/probability-range.ts';
import {
  type Command,
  type CommandInput,
  mergeFlags,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { fitFlags, fitGateCommand } from './gate-fit.ts';
import { joinGateCommand } from './gate-join.ts';
import { gateRowsCommand, rowsFlags } from './gate-rows.ts';
import { gateShadowCommand, shadowFlags } from './gate-shadow.ts';
import { formatTable, print, printJson, safeLine } from './terminal.ts';

const PATH = '/cadre/v1/gate';

interface Action {
  readonly run: (input: CommandInput) => Promise<number>;
  /** Words that may follow its own; more are wrong use. */
  readonly mostWords: number;
}

/** What `cadre gate` can do, by its first word. */
const ACTIONS: Readonly<Record<string, Action>> = {
  show: { run: (input) => tellStatus(input, 'GET', PATH), mostWords: 0 },
  fit: { run: fitGateCommand, mostWords: 1 },
  certify: { run: fitGateCommand, mostWords: 1 },
  join: { run: joinGateCommand, mostWords: 2 },
  rows: { run: gateRowsCommand, mostWords: 0 },
  decide: { run: decide, mostWords: 1 },
  shadow: { run: gateShadowCommand, mostWords: 0 },
  use: { run: useGate, mostWords: 1 },
  rollback: { run: (input) => tellStatus(input, 'POST', `${PATH}/rollback`, {}), mostWords: 0 },
};

export const gateCommand: Command = {
  name: 'gate',
  summary: 'fit, certify and choose the gate that picks a spoke for each request',
  usage:
    '[show] | fit [FILE] | certify [FILE] | join SPOKE [FILE] | rows --out FILE | decide TEXT | shadow | use NUMBER | rollback',
  mostWords: 3,
  example: 'cadre gate fit past-requests.jsonl --loss 0.05',
  flags: mergeFlags(fitFlags, rowsFlags, shadowFlags, {
    model: {
      type: 'string',
      value: 'NAME',
      description: 'decide: the name that is asked for (default auto)',
    },
  }),
  async run(input) {
    const [name = 'show'] = input.words;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined)
      throw new UsageError(`the gate cannot “${name}”; it can: ${Object.keys(ACTIONS).join(', ')}`);
    const extra = input.words[action.mostWords + 1];
    if (extra !== undefined) throw new UsageError(`“${extra}” is one word too many${meant(extra)}`);
    return action.run(input);
  },
};

/** The flag that a word too many was meant as, such as `off`. */
function meant(word: string): string {
  return Object.hasOwn(gateCommand.flags, word) ? `; did you mean --${word}?` : '';
}

function useGate(input: CommandInput): Promise<number> {
  const [, version = ''] = input.words;
  if (!/^\d{1,9}$/.test(version))
    throw new UsageError(
      'name the gate: `cadre gate show` lists their numbers, 0 is the starter’s table',
    );
  return tellStatus(input, 'POST', `${PATH}/choose`, { version: Number(version) });
}

function tellStatus(
  input: CommandInput,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<number> {
  return withFarm(input, async (client) => {
    const { signal } = input;
    const answer =
      method === 'GET'
        ? await client.doGet(path, { signal })
        : await client.doSend(method, path, body, { signal });
    const { gate } = answer as { gate: GateStatus };
    if (input.json) printJson(gate);
    else for (const line of statusLines(gate)) print(line);
    return 0;
  });
}

function statusLines({
  version,
  versions,
  promises,
  problem,
  drift,
  joined = [],
}: GateStatus): string[] {
  const inForce = versions.find((one) => one.version === version);
  const fitted = inForce?.origin === 'starter' ? 'the starter’s gate' : 'gate';
  const name = version === 0 ? 'the starter’s table' : `${fitted} ${version}`;
  const lines = [`${name} decides`, ...promises.map((promise) => `  ${safeLine(promise)}`)];
  for (const { spoke, rows, isCertified } of joined)
    lines.push(
      `  ${safeLine(spoke)} joined, known by ${rows} rows; ${isCertified ? 'certified since' : 'not under the certificate until `cadre gate certify`'}`,
    );
  if (problem !== undefined) lines.push(`  warning: ${safeLine(problem)}`);
  if (drift !== undefined)
    lines.push(
      `  ${drift.outcomes} graded answers since it is in force`,
      ...drift.alarms.map((alarm) => `  alarm: ${safeLine(alarm)}`),
    );
  const hint = 'No gate is fitted to your own requests yet: `cadre gate fit FILE` makes one.';
  if (versions.length === 0) return [...lines, '', hint];
  const rows = versions.map(({ version: one, inForce: decides, origin, report }) => [
    `${decides ? '*' : ' '} ${one}${origin === undefined ? '' : ` (${origin})`}`,
    report?.madeAt.slice(0, 16).replace('T', ' ') ?? '?',
    String(report?.rows.fitted ?? '?'),
    String(report?.rows.heldOut ?? '?'),
    report?.quality.gate.toFixed(3) ?? '?',
    report?.quality.reference.toFixed(3) ?? '?',
    report === undefined ? '?' : `${Math.round(100 * report.saved)} %`,
  ]);
  const head = ['  gate', 'made', 'fitted on', 'held out', 'quality', 'reference', 'saved'];
  const isOwn = versions.some((one) => one.origin === undefined);
  return [...lines, '', ...formatTable([head, ...rows]), ...(isOwn ? [] : ['', hint])];
}

/** What the gate would do with a text, without asking a model. */
function decide(input: CommandInput): Promise<number> {
  const [, content] = input.words;
  if (content === undefined) throw new UsageError('give the text that is to be decided on');
  return withFarm(input, async (client) => {
    const body = {
      model: textFlag(input, 'model') ?? 'auto',
      messages: [{ role: 'user', content }],
    };
    const { signal } = input;
    const { decision } = (await client.doSend('POST', '/v1/gate/decide', body, { signal })) as {
      decision: RouteDecision;
    };
    if (input.json) printJson(decision);
    else for (const line of decisionLines(decision)) print(line);
    return 0;
  });
}

function rangeWords(candidate: Candidate): string {
  const range = probabilityRange(candidate);
  return range === undefined ? '' : `${range.low.toFixed(2)} … ${range.high.toFixed(2)}`;
}

/** What the gate saw of the request: its words that tell the task, its surface. */
function seenLines({ telling = [], features }: RouteDecision): string[] {
  const words = telling.map(({ word, weight }) => `“${safeLine(word)}” +${weight.toFixed(1)}`);
  const surface = featureWords(features);
  return [
    ...(words.length === 0 ? [] : [`told by: ${words.join(', ')}`]),
    ...(surface.length === 0 ? [] : [`seen: ${surface.join(', ')}`]),
  ];
}

function decisionLines(decision: RouteDecision): string[] {
  const { spoke, reasons, counterfactual, candidates, rejected, tasks } = decision;
  const table = candidates.map((one) => [
    one.spoke === spoke ? `* ${one.spoke}` : `  ${one.spoke}`,
    one.probability.toFixed(2),
    rangeWords(one),
    `$${Number((1000 * one.cost).toPrecision(3))}`,
    `${(one.latencyMs / 1000).toFixed(1)} s`,
    one.joinedRows === undefined ? '' : `known by ${one.joinedRows} rows`,
  ]);
  return [
    spoke,
    ...reasons.map((reason) => `  ${safeLine(reason)}`),
    ...(counterfactual === undefined ? [] : [`  ${safeLine(counterfactual)}`]),
    '',
    ...formatTable([['  spoke', 'P(right)', '90 %', 'per 1,000', 'time', ''], ...table]),
    ...(tasks.length === 0
      ? []
      : [
          '',
          `task: ${tasks
            .slice(0, 3)
            .map((one) => `${one.task} ${one.probability.toFixed(2)}`)
            .join(', ')}`,
        ]),
    ...seenLines(decision),
    ...(rejected.length === 0 ? [] : ['', 'not asked:']),
    ...rejected.map((one) => `  ${one.id}: ${safeLine(one.reason)}`),
  ];
}
