import { mayRead } from '../core/access.ts';
import { baseModelId } from '../core/adapter.ts';
import type { Call } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelName } from '../core/farm.ts';
import type { RankerName } from '../core/ranker.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import { openSpokes } from '../stages/open-spokes.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import type { Models } from './models.ts';
import type { Settings } from './settings.ts';

interface NameParts {
  readonly settings: Pick<Settings, 'config'>;
  readonly models: Pick<Models, 'embedders' | 'embedderStates'>;
  readonly knowledge: Pick<Knowledge, 'names'>;
  readonly spokes: () => readonly SpokeRuntime[];
  /** Specialists that order passages. */
  readonly rankers: readonly RankerName[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What can be asked for, and what a configured alias stands for. */
export interface Names {
  readonly list: (principals?: readonly string[]) => readonly ModelName[];
  /** The farm's own name behind a name; the name itself where it is none of the aliases. */
  readonly targetOf: (name: string) => string;
  /** The call with its model's own name. */
  readonly resolve: (call: Call) => Call;
}

const VIRTUAL: readonly (readonly [string, string])[] = [
  ['auto', 'the gate picks the cheapest spoke that is good enough'],
  ['auto:cheap', 'the gate, content with less'],
  ['auto:best', 'the gate, quality first'],
];

const KNOWLEDGE = 'knowledge:';

/** Throws `config_invalid` for an alias that hides a name or stands for none. */
export function composeNames(parts: NameParts): Names {
  const { aliases } = parts.settings.config;
  const patterns = Object.keys(aliases)
    .filter((name) => name.endsWith('*'))
    .toSorted((a, b) => b.length - a.length);
  const ownNames = rememberNames(parts);
  requireTargets(aliases, ownNames());
  const targetOf = (name: string): string => {
    const exact = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    if (exact !== undefined || patterns.length === 0) return exact ?? name;
    if (ownNames().some((one) => one.id === name)) return name;
    const pattern = patterns.find((one) => name.startsWith(one.slice(0, -1)));
    return (pattern === undefined ? undefined : aliases[pattern]) ?? name;
  };
  return {
    list: (principals) => {
      const names = ownNames(principals);
      return Object.keys(aliases).length === 0 ? names : withAliases(names, aliases);
    },
    targetOf,
    resolve: (call) => {
      const model = targetOf(call.request.model);
      if (model === call.request.model) return call;
      const request = { ...call.request, model };
      const isKnowledge = model.startsWith(KNOWLEDGE) && call.collection === undefined;
      return isKnowledge
        ? { ...call, request, collection: model.slice(KNOWLEDGE.length) }
        : { ...call, request };
    },
  };
}

function requireTargets(
  aliases: Readonly<Record<string, string>>,
  names: readonly ModelName[],
): void {
  const isName = (id: string) => names.some((name) => name.id === id);
  for (const [alias, target] of Object.entries(aliases)) {
    const param = `aliases.${alias}`;
    if (isName(alias))
      throw new CadreError('config_invalid', `\`${param}\` is a name of the farm already`, {
        param,
      });
    // A collection may be made later.
    if (!isName(target) && !target.startsWith(KNOWLEDGE))
      throw new CadreError(
        'config_invalid',
        `\`${param}\` stands for ${target}, which is no name`,
        {
          param,
        },
      );
  }
}

/** Of an alias only what its target shows to the same reader. */
function withAliases(
  names: readonly ModelName[],
  aliases: Readonly<Record<string, string>>,
): readonly ModelName[] {
  return [
    ...names,
    ...Object.entries(aliases).flatMap(([id, target]) => {
      const found = names.find((name) => name.id === target);
      if (found === undefined) return [];
      return [{ ...found, id, alias: target, description: `stands for ${target}` }];
    }),
  ];
}

/** The farm's own names; the list is made anew only when something in it has changed. */
function rememberNames(parts: NameParts): (principals?: readonly string[]) => readonly ModelName[] {
  let known:
    | { readonly state: readonly unknown[]; readonly names: readonly ModelName[] }
    | undefined;
  return (principals) => {
    const spokes = openSpokes(parts.spokes(), principals);
    const knowledge = parts.knowledge.names(principals);
    const rankers = parts.rankers.filter(
      ({ readers }) => readers === undefined || mayRead(readers, principals),
    );
    const state = [...spokes, ...knowledge, ...rankers, ...parts.models.embedderStates()];
    const isSame =
      known?.state.length === state.length &&
      state.every((value, place) => value === known?.state[place]);
    if (!isSame) known = { state, names: readNames(parts, { spokes, knowledge, rankers }) };
    return known?.names ?? [];
  };
}

function readNames(
  parts: NameParts,
  {
    spokes,
    knowledge,
    rankers,
  }: {
    readonly spokes: readonly SpokeRuntime[];
    readonly knowledge: readonly string[];
    readonly rankers: readonly RankerName[];
  },
): readonly ModelName[] {
  const created = Math.floor(parts.startedAt / 1000);
  const named = (name: Omit<ModelName, 'created'>): ModelName => ({ ...name, created });
  return [
    ...VIRTUAL.map(([id, description]) => {
      const able = ableOf(spokes, 'chat');
      return named({ id, kind: 'virtual', description, ready: canChat(spokes), ...able });
    }),
    ...spokes.map((spoke) => named(spokeName(spoke))),
    ...knowledge.map((name) => {
      const able = { ...ableOf(spokes, 'grounded'), tools: false, vision: false };
      const description = `answers from the collection ${name}`;
      const ready = able.contextLength > 0;
      return named({ id: `${KNOWLEDGE}${name}`, kind: 'knowledge', description, ready, ...able });
    }),
    ...rankers.map(({ id, description, ranker }) => {
      const able = { contextLength: 0, tools: false, vision: false };
      return named({ id, kind: 'reranker', description, ready: ranker !== undefined, ...able });
    }),
    ...parts.models.embedders().map(({ id, title, state, contextLength }) => {
      const ready = state === 'installed' || state === 'resident';
      const able = { contextLength, tools: false, vision: false, model: id };
      return named({ id, kind: 'embedder', description: title, ready, ...able });
    }),
  ];
}

function spokeName({ config, gate }: SpokeRuntime): Omit<ModelName, 'created'> {
  const isHub = config.id === 'hub';
  return {
    id: config.id,
    kind: isHub ? 'virtual' : 'spoke',
    description: config.description,
    ready: gate.installed && gate.healthy,
    contextLength: gate.contextLength === Number.MAX_SAFE_INTEGER ? 0 : gate.contextLength,
    tools: gate.tools,
    vision: gate.vision,
    ...(isHub || gate.kind === 'classifier' ? {} : { model: baseModelId(gate.modelId) }),
  };
}

/** What the spokes of a kind that can answer now are able to do together. */
function ableOf(
  spokes: readonly SpokeRuntime[],
  kind: 'chat' | 'grounded',
): Pick<ModelName, 'contextLength' | 'tools' | 'vision'> {
  const able = spokes.filter(({ gate }) => gate.kind === kind && gate.installed && gate.healthy);
  return {
    contextLength: Math.max(0, ...able.map(({ gate }) => gate.contextLength)),
    tools: able.some(({ gate }) => gate.tools),
    vision: able.some(({ gate }) => gate.vision),
  };
}

/** A micro-model alone answers no conversation. */
export function canChat(spokes: readonly SpokeRuntime[]): boolean {
  return spokes.some(({ gate }) => gate.kind === 'chat' && gate.installed && gate.healthy);
}
