import type { GateStatus } from '../core/gate-report.ts';
import { nearestName } from '../core/nearest.ts';
import { fitGate } from '../main.ts';
import {
  type CommandInput,
  type FlagDefinition,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { readTraffic, requireEnough } from './gate-rows.ts';
import { spokeIds } from './spoke-ids.ts';
import { note, print, printJson, safeLine } from './terminal.ts';

export const fitFlags: Readonly<Record<string, FlagDefinition>> = {
  models: {
    type: 'string',
    value: 'FILE',
    description: 'fit: JSON of the models with their prices, {"a": 0.2, "b": 10}',
  },
  reference: {
    type: 'string',
    value: 'ID',
    description: 'fit: the model whose right answers must not be lost (default the best)',
  },
  loss: {
    type: 'string',
    value: 'SHARE',
    description:
      'fit: most of what the reference gets right that may be lost (default 0.05; certify: as before)',
  },
  dollars: {
    type: 'string',
    value: 'AMOUNT',
    description: 'fit: most dollars per 1,000 requests, instead of a loss',
  },
  'most-dollars': {
    type: 'string',
    value: 'AMOUNT',
    description: 'fit: most dollars that one request can cost (default 4 × the dearest seen)',
  },
  seconds: {
    type: 'string',
    value: 'S',
    description: 'fit: 95 of 100 requests take at most so long, instead of a loss',
  },
  risk: {
    type: 'string',
    value: 'SHARE',
    description: 'fit: 1 − confidence (default 0.1; certify: as before)',
  },
  days: { type: 'string', value: 'N', description: 'fit: how long the promise holds (default 90)' },
  seed: { type: 'string', value: 'N', description: 'fit: the same seed gives the same gate' },
};

/** `cadre gate fit [FILE]`: from graded requests, the farm's own without a file, to a certified gate in force. */
export async function fitGateCommand(input: CommandInput): Promise<number> {
  const [, named] = input.words;
  const promise = promiseOf(input);
  const file = named ?? (await ownRequests(input));
  const models = textFlag(input, 'models');
  const reference = textFlag(input, 'reference');
  const certifyOnly = input.words[0] === 'certify';
  const work = certifyOnly ? 'certifying' : 'fitting';
  if (!input.json) note(`${work}; some seconds for thousands of requests …`);
  const result = await fitGate({
    file,
    certifyOnly,
    ...(models === undefined ? {} : { modelsFile: models }),
    ...(reference === undefined ? {} : { reference }),
    ...promise,
  });
  const { version, report, picture, checkedAnswers, rivalry, renewal } = result;
  const stranger = await strangerAmong(input, report.reference);
  const isPromoted = stranger === undefined && ((rivalry ?? renewal)?.isPromoted ?? true);
  const problem = isPromoted ? await putInForce(input, version) : stranger;
  if (input.json) {
    printJson({
      version,
      inForce: isPromoted,
      picture,
      report,
      ...(checkedAnswers === undefined ? {} : { checkedAnswers }),
      ...(rivalry ? { rivalry } : {}),
      ...(renewal ? { renewal } : {}),
      ...(problem ? { problem } : {}),
    });
    return 0;
  }
  const { rows, quality, keptCheap } = report;
  const repeated = rows.duplicates === 0 ? '' : `, ${rows.duplicates} repeated left out`;
  print(`${rows.fitted} requests fitted, ${rows.heldOut} held out${repeated}`);
  print(
    `quality ${quality.gate.toFixed(3)}; ${safeLine(report.reference)} alone ${quality.reference.toFixed(3)}, best single ${quality.bestSingle.toFixed(3)}, oracle ${quality.oracle.toFixed(3)}`,
  );
  print(`${safeLine(report.words)}.`);
  print(
    `${percent(keptCheap.sliced)} of the requests stay off the reference; one promise over all kinds instead of one for each would keep ${percent(keptCheap.together)}`,
  );
  if (checkedAnswers !== undefined)
    print(`an answer checker of its own, fitted on ${checkedAnswers} graded answers`);
  print(`picture: ${picture}`);
  if (rivalry !== undefined) print(`beside the gate in force: ${safeLine(rivalry.words)}`);
  if (renewal !== undefined) print(`beside the promise in force: ${renewal.words}`);
  print(
    isPromoted
      ? `gate ${version} is in force; \`cadre gate rollback\` takes it back`
      : `gate ${version} is kept and not in force; \`cadre gate use ${version}\` would put it there`,
  );
  if (problem !== undefined) print(`warning: ${safeLine(problem)}`);
  return 0;
}

/** As far as the flags say it. */
function promiseOf(input: CommandInput) {
  const share = { least: 0.001, most: 0.5 };
  const alpha = numberFlag(input, 'loss', share);
  const delta = numberFlag(input, 'risk', share);
  return {
    ...(alpha === undefined ? {} : { alpha }),
    ...(delta === undefined ? {} : { delta }),
    ...targetOf(input),
    days: numberFlag(input, 'days', { least: 1, most: 3650, whole: true }) ?? 90,
    seed: numberFlag(input, 'seed', { least: 0, most: 2 ** 31, whole: true }) ?? 1,
  };
}

function targetOf(input: CommandInput) {
  const amount = { least: 1e-6, most: 1e9 };
  const dollars = numberFlag(input, 'dollars', amount);
  const seconds = numberFlag(input, 'seconds', amount);
  const mostPerRequest = numberFlag(input, 'most-dollars', amount);
  const given = [textFlag(input, 'loss'), dollars, seconds].filter((one) => one !== undefined);
  if (given.length > 1)
    throw new UsageError('one of --loss, --dollars and --seconds is promised, not several');
  if (mostPerRequest !== undefined && dollars === undefined)
    throw new UsageError('--most-dollars says what one request can cost, for --dollars');
  if (seconds !== undefined) return { target: { of: 'latency' as const, limit: 1000 * seconds } };
  if (dollars === undefined) return {};
  const most = mostPerRequest === undefined ? {} : { mostPerRequest };
  return { target: { of: 'dollars' as const, limit: dollars, ...most } };
}

async function ownRequests(input: CommandInput): Promise<{ readonly text: string }> {
  const traffic = await readTraffic(input);
  requireEnough(traffic);
  return { text: traffic.lines.join('\n') };
}

/** Why the gate cannot keep its promise on this farm, in words; undefined where its reference is a spoke. */
async function strangerAmong(input: CommandInput, reference: string): Promise<string | undefined> {
  const ids = await spokeIds(input);
  if (ids.includes(reference)) return undefined;
  const near = nearestName(reference, ids);
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  return `${reference}${hint} is no spoke of this farm, so nobody could keep what is promised`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** Gives what keeps the gate from being in force wholly, in words. */
export async function putInForce(
  input: CommandInput,
  version: number,
): Promise<string | undefined> {
  let problem: string | undefined;
  await withFarm(input, async (client) => {
    const { signal } = input;
    const path = '/cadre/v1/gate/choose';
    const answer = await client.doSend('POST', path, { version }, { signal });
    problem = (answer as { gate: GateStatus }).gate.problem;
    return 0;
  });
  return problem;
}
