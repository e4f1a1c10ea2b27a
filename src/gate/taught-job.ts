import { textNumber } from '../base/shingles.ts';
import { textOf } from '../core/chat.ts';
import { type SaidWords, saidWords, wordsAt } from '../core/instruction.ts';
import type { Measured } from '../core/measured.ts';
import type { GateContext } from './context.ts';
import type { GateSpoke } from './spoke.ts';

type TaughtJob = NonNullable<Measured['jobs']>[number];

/** What the request says, once for all spokes that are asked about it. */
const saidBefore = new WeakMap<GateContext['surface'], SaidWords>();

/** The job of an adapter that the request asks for in the very words of its rows; undefined for none. */
export function taughtJob(
  { measured }: Pick<GateSpoke, 'measured'>,
  context: GateContext,
): TaughtJob | undefined {
  const jobs = measured?.jobs ?? [];
  if (jobs.length === 0) return undefined;
  const said = saidOf(context);
  return jobs.find((job) => {
    const words = wordsAt(job, said);
    return words !== undefined && textNumber(words) === job.hash;
  });
}

function saidOf({ input: { request }, surface }: GateContext): SaidWords {
  const known = saidBefore.get(surface);
  if (known !== undefined) return known;
  const system = request.messages.flatMap((one) =>
    one.role === 'system' ? [textOf(one.content).trim()] : [],
  );
  const user = request.messages.findLast((one) => one.role === 'user');
  const said = saidWords(system, textOf(user?.content ?? []));
  saidBefore.set(surface, said);
  return said;
}
