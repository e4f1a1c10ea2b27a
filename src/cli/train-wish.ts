import { basename, resolve } from 'node:path';
import { SPECIALIST_KINDS, type SpecialistKind } from '../core/specialist.ts';
import { type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { type DescribeWish, describeWishOf, listOf } from './train-describe.ts';

/** What each kind does. */
const KIND_WORDS: Readonly<Record<SpecialistKind, string>> = {
  intents: 'sorts texts into labels',
  extract: 'finds fields in texts',
  score: 'gives texts a number',
  rank: 'orders passages for a query',
  adapter: 'a local model answers as the rows do',
};

/** What is to be made and from what; with `wish`, the rows of the order's data are to be written first. */
export function trainWishOf(input: CommandInput) {
  const source = sourceOf(input);
  const [kind = source === '--data' ? undefined : 'intents'] = input.words;
  if (!SPECIALIST_KINDS.some((one) => one === kind))
    throw new UsageError(`say what it learns: ${kindWords()}`);
  if (source === '--describe' && kind !== 'intents')
    throw new UsageError('rows are written for what sorts texts into labels: intents');
  const data = textFlag(input, 'data');
  const name = textFlag(input, 'name');
  if (name === undefined)
    throw new UsageError(`name the specialist, e.g. --name ${nameFrom(data ?? 'triage')}`);
  const wish = describeWishOf(input, name);
  const test = textFlag(input, 'test');
  const target = numberFlag(input, 'target', { least: 0, most: 1 });
  const tolerance = numberFlag(input, 'tolerance', { least: 0, most: Number.MAX_VALUE });
  const seed = numberFlag(input, 'seed', { least: 0, most: 2 ** 31 - 1, whole: true });
  const order = {
    kind,
    name,
    ...rowsOf(input, wish, data),
    promote: input.flags['promote'] === true,
    alone: input.flags['alone'] === true,
    ...adapterOf(input, kind),
    ...(test === undefined ? {} : { test: resolve(test) }),
    ...(target === undefined ? {} : { target }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(seed === undefined ? {} : { seed }),
  };
  return { order, wish };
}

function kindWords(): string {
  const words = SPECIALIST_KINDS.map((kind) => `${kind} (${KIND_WORDS[kind]})`);
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Where the rows come from: one of three ways. */
function sourceOf(input: CommandInput): '--data' | '--from-traffic' | '--describe' {
  const named = [
    ...(textFlag(input, 'data') === undefined ? [] : (['--data'] as const)),
    ...(input.flags['from-traffic'] === true ? (['--from-traffic'] as const) : []),
    ...(textFlag(input, 'describe') === undefined ? [] : (['--describe'] as const)),
  ];
  const [source] = named;
  const ways = '--data FILE, --from-traffic or --describe TEXT';
  if (named.length > 1) throw new UsageError(`one of ${ways}, not ${named.join(' and ')}`);
  const isTraffic = source === '--from-traffic';
  if (!isTraffic && textFlag(input, 'capability') !== undefined)
    throw new UsageError('--capability belongs to --from-traffic');
  if (source === '--data' && textFlag(input, 'labels') !== undefined)
    throw new UsageError('--labels belongs to --from-traffic and --describe');
  return source ?? '--data';
}

function rowsOf(input: CommandInput, wish: DescribeWish | undefined, data: string | undefined) {
  if (wish !== undefined) return { data: wish.path };
  if (input.flags['from-traffic'] === true) return { traffic: trafficOf(input) };
  if (data !== undefined) return { data: resolve(data) };
  throw new UsageError(
    'name the labelled rows with --data FILE, or say --from-traffic or --describe TEXT',
  );
}

function trafficOf(input: CommandInput) {
  const capability = textFlag(input, 'capability');
  if (capability === undefined)
    throw new UsageError('say which requests with --capability NAME, a name of the farm or a task');
  const labels = textFlag(input, 'labels');
  const names = labels === undefined ? null : listOf(labels);
  if (names !== null && new Set(names).size < 2)
    throw new UsageError('--labels names at least two labels, with commas between them');
  return { capability, labels: names };
}

function adapterOf(input: CommandInput, kind: string | undefined) {
  const base = textFlag(input, 'base');
  const trainer = textFlag(input, 'trainer');
  const isSure = input.flags['yes'] === true;
  if (kind !== 'adapter') {
    const isMisplaced = isSure && textFlag(input, 'describe') === undefined;
    if (base === undefined && trainer === undefined && !isMisplaced) return {};
    throw new UsageError(
      '--base and --trainer belong to `cadre train adapter`, --yes to it and to --describe',
    );
  }
  if (base === undefined)
    throw new UsageError(
      'name the local model that is adapted, e.g. --base smollm2-135m-instruct-q4_1; `cadre models` lists them',
    );
  return { base, ...(trainer && { trainer }), ...(isSure && { install: true }) };
}

function nameFrom(path: string): string {
  const plain = basename(path)
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9._-]+/g, '-');
  return plain.replace(/^[^a-z0-9]+/, '') || 'triage';
}
