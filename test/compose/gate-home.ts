import { seededRandom } from '../../src/base/random.ts';
import type { GateRoom } from '../../src/compose/gate-room.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import { decideRoute, type GateSpoke } from '../../src/gate/route.ts';
import { ask, general, input, quick } from '../gate/farm.ts';

/** `quick` is as good as `general` at colours and knows no sums. */
export function pastRequests(count: number, seed: number): string {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `Add ${Math.floor(9999 * random())} and ${at}`
      : `Name the colour of thing ${at}`;
    const right = random() < 0.9 ? 1 : 0;
    return JSON.stringify({
      prompt,
      scores: { quick: isSum ? 0 : right, general: right },
      costs: { quick: 1, general: 10 },
    });
  }).join('\n');
}

/** What is decided now for `auto`, of a cheap and a dear spoke, and of others. */
export function decided(
  room: GateRoom,
  text: string,
  others: readonly GateSpoke[] = [],
  /** False = as `auto:cheap` is decided: no certificate binds it. */
  { isBound = true } = {},
): RouteDecision {
  const { estimator, ...all } = room.inForce;
  const { certificate, suspension, safeSpoke, safeAmong } = isBound ? all : {};
  const spokes = [
    { ...quick, price: { input: 1, output: 1 } },
    { ...general, price: { input: 10, output: 10 } },
    ...others,
  ];
  const wish = {
    ...input(ask(text), { spokes }),
    ...(certificate ? { certificate } : {}),
    ...(suspension ? { suspension } : {}),
    ...(safeSpoke ? { safeSpoke } : {}),
    ...(safeAmong ? { safeAmong } : {}),
  };
  const result = decideRoute(wish, estimator);
  if ('rejected' in result) throw new Error(JSON.stringify(result.rejected));
  return result.decision;
}
