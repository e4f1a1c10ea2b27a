import type { KeptAnswer } from './answer-cache.ts';

/** CPU seconds per prompt token read and per token written, of one model. */
interface TokenCost {
  readonly read: number;
  readonly written: number;
}

/** Least squares through the origin over the model's measured answers. */
export function tokenCosts(answers: readonly KeptAnswer[]): ReadonlyMap<string, TokenCost> {
  const models = new Set(answers.map((one) => one.model));
  return new Map(
    [...models].map((model) => [model, fitOf(answers.filter((one) => one.model === model))]),
  );
}

function fitOf(answers: readonly KeptAnswer[]): TokenCost {
  let [rr, rw, ww, rs, ws] = [0, 0, 0, 0, 0];
  for (const { usage, cpuSeconds } of answers) {
    const read = usage.promptTokens - usage.cachedTokens;
    const written = usage.completionTokens;
    rr += read * read;
    rw += read * written;
    ww += written * written;
    rs += read * cpuSeconds;
    ws += written * cpuSeconds;
  }
  const determinant = rr * ww - rw * rw;
  if (determinant <= 0) return { read: rr > 0 ? rs / rr : 0, written: 0 };
  return {
    read: (rs * ww - ws * rw) / determinant,
    written: (ws * rr - rs * rw) / determinant,
  };
}

/** What an answer would have cost with nothing of its prompt kept from an earlier request. */
export function secondsAnew(
  { model, usage, cpuSeconds }: KeptAnswer,
  costs: ReadonlyMap<string, TokenCost>,
): number {
  return cpuSeconds + usage.cachedTokens * (costs.get(model)?.read ?? 0);
}
