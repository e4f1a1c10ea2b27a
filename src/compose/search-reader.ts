import type { Call, Caller } from '../core/call.ts';
import { RERANK_TOKENS } from '../core/config-ground.ts';
import { stricterLabel } from '../core/label.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { PassageReader } from '../ground/read-again.ts';
import { passageReader } from '../stages/passage-reader.ts';
import { collectionLabel } from './describing.ts';
import type { Generations } from './generations.ts';

/** Who reads the best passages of a caller's search; undefined where no spoke is to. */
export type SearchReaders = (collection: string, caller: Caller) => PassageReader | undefined;

/**
 * Reads through the pipeline, at the caller's cost, with receipts, and with a label at least as strict
 * as the collection's: nothing of it goes where the collection may not go.
 */
export function composeSearchReaders(parts: {
  readonly generations: Pick<Generations, 'current' | 'ask'>;
  readonly clock: Clock;
  readonly random: Random;
}): SearchReaders {
  const { generations, clock, random } = parts;
  return (collection, caller) => {
    const { config } = generations.current.settings;
    const { rerankBy, rerankMs } = config.ground;
    if (rerankBy === RERANK_TOKENS || rerankMs === 0) return undefined;
    const labelDeclared = stricterLabel(
      collectionLabel(config, collection),
      config.policy.defaultLabel,
    );
    return passageReader(config.ground, collection, (asked, signal) => {
      const call: Call = {
        id: `req_${random.id(24)}`,
        ...asked,
        caller: { ...caller, keepsText: false },
        labelDeclared,
        deadline: clock.now() + rerankMs,
        depth: 1,
        bare: true,
        cache: 'off',
        whole: true,
      };
      return generations.ask(call, signal);
    });
  };
}
