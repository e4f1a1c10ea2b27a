import { basename, isAbsolute } from 'node:path';
import type { SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelMaking, QuantisationSource } from '../core/quantisation.ts';
import type { Generations } from './generations.ts';
import { idOf } from './import-model.ts';
import type { Models } from './models.ts';
import type { MakingTarget } from './quantise.ts';
import type { SpecialistShelf } from './specialists.ts';

interface Names {
  readonly isModel: (id: string) => boolean;
  readonly spokeOf: (id: string) => SpokeConfig | undefined;
  /** NAME@VERSION of a spoke that is a specialist. */
  readonly versionOf: (spoke: string) => string | undefined;
}

/** The making of models, for names of spokes and specialists with an adapter too. */
export function composeMaking({
  models,
  generations,
  shelf,
}: {
  readonly models: Pick<Models, 'making' | 'statusOf'>;
  readonly generations: Generations;
  readonly shelf: Pick<SpecialistShelf, 'current'>;
}): ModelMaking {
  const { making, statusOf } = models;
  const names: Names = {
    isModel: (id) => statusOf(id) !== undefined,
    spokeOf: (id) => generations.current.spokes().find(({ config }) => config.id === id)?.config,
    versionOf: (spoke) => shelf.current.measuredOf(spoke)?.version,
  };
  return {
    ...making,
    planQuantisation: async (source) => making.planQuantisation(targetOf(names, source)),
    quantise: ({ format, rows, ...source }, signal) =>
      making.quantise(targetOf(names, source), { format, rows }, signal),
  };
}

/** Throws `invalid_request`; a name that nothing has is left to the catalogue to refuse. */
export function targetOf(
  { isModel, spokeOf, versionOf }: Names,
  { id, adapter, name }: QuantisationSource,
): MakingTarget {
  const spoke = isModel(id) ? undefined : spokeOf(id);
  if (spoke?.adapter !== undefined) {
    if (adapter !== undefined)
      throw refused(`${id} has an adapter already; name its base, ${spoke.model}`);
    const own = { path: spoke.adapter, of: versionOf(id) ?? id };
    return { model: spoke.model, adapter: own, label: id, stem: name ?? idOf(id) };
  }
  if (adapter === undefined) return { model: id, label: id, stem: name ?? id };
  if (!isAbsolute(adapter)) throw refused(`the path “${adapter}” is not absolute`);
  const of = basename(adapter);
  return {
    model: id,
    adapter: { path: adapter, of },
    label: `${id} with ${of}`,
    stem: name ?? idOf(adapter),
  };
}

function refused(why: string): CadreError {
  return new CadreError('invalid_request', why, { param: 'adapter' });
}
