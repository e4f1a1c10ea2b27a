import { nearestName } from '../core/nearest.ts';
import type { Estimator } from '../gate/estimator.ts';
import type { GateSpoke } from '../gate/spoke.ts';
import { type LoadedGate, startersTable } from './gate-loading.ts';

/** The spokes of the farm as they stand now. */
export interface FarmSpokes {
  readonly spokeOf: (id: string) => GateSpoke | undefined;
  readonly spokeIds?: () => readonly string[];
}

/**
 * The gate as it holds on this farm: where a model that was certified is no spoke nobody keeps what was
 * promised. Then the reference answers everything; where it is missing itself, as without a promise.
 */
export function withoutStrangers(
  loaded: LoadedGate,
  farm: FarmSpokes,
  starter: Estimator,
): LoadedGate {
  const { certified, safeSpoke } = loaded;
  const reference = certified?.reference ?? safeSpoke;
  if (reference === undefined) return loaded;
  const isStranger = (id: string) => farm.spokeOf(id) === undefined;
  const strangers = (certified?.models ?? [reference]).filter(isStranger);
  if (strangers.length === 0) return withPriceNote(loaded, reference, farm);
  const { certificate: _, suspension: __, safeSpoke: ___, scope, ...rest } = loaded;
  const who = strangers.map((id) => nameOf(id, farm.spokeIds?.() ?? [])).join(' and ');
  const problem = `${who} ${strangers.length === 1 ? 'is no spoke' : 'are no spokes'} of this farm: nothing is promised`;
  const told = { promises: ['nothing is promised'], problem };
  if (scope !== undefined)
    return { ...rest, ...startersTable(starter), ...rootOf(loaded), ...told };
  if (isStranger(reference)) return { ...rest, ...told };
  return {
    ...rest,
    safeSpoke: reference,
    ...told,
    problem: `${problem}, ${reference} answers everything`,
  };
}

/** A reference that costs nothing is never saved: no other spoke counts as cheaper. */
function withPriceNote(loaded: LoadedGate, reference: string, farm: FarmSpokes): LoadedGate {
  const spoke = farm.spokeOf(reference);
  if (spoke === undefined || loaded.certificate === undefined) return loaded;
  const { price, dollarsPerSecond } = spoke;
  const isFree = (price?.input ?? 0) === 0 && (price?.output ?? 0) === 0 && dollarsPerSecond === 0;
  if (!isFree) return loaded;
  const note = `${reference} has no price, so no spoke counts as cheaper and it answers everything that is certified: give its model a \`price\``;
  return { ...loaded, problem: loaded.problem === undefined ? note : `${loaded.problem}; ${note}` };
}

function rootOf({ version, models, root }: LoadedGate) {
  return { version, models, root };
}

function nameOf(id: string, ids: readonly string[]): string {
  const near = nearestName(id, ids);
  return near === undefined ? id : `${id} (did you mean ${near}?)`;
}
