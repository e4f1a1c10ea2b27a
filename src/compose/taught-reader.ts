import { mayRead } from '../core/access.ts';
import { type Caller, readersOf } from '../core/call.ts';
import type { RankerName } from '../core/ranker.ts';
import type { PassageReader } from '../ground/read-again.ts';

/** Reads passages for a caller's search; undefined where it is no specialist, or not for this caller. */
export type TaughtReader = (caller: Caller) => PassageReader | undefined;

/**
 * A specialist that orders passages, as the one who looks at the best passages of a search again: what it
 * gives each of them is the probability that it is relevant, as a spoke's yes is. It asks no model and
 * sends nothing away.
 */
export function composeTaughtReader(rankers: readonly RankerName[], name: string): TaughtReader {
  const named = rankers.find(({ id }) => id === name);
  return (caller) => {
    const { ranker, readers } = named ?? {};
    if (ranker === undefined || (readers && !mayRead(readers, readersOf(caller)))) return undefined;
    return {
      spoke: name,
      isAlone: true,
      async doRead(query, { sentences }, options) {
        const { ranked } = await ranker.doRank(query, [sentences.join(' ')], options);
        return ranked[0]?.score;
      },
    };
  };
}
