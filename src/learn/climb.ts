import type { RungReport } from '../core/specialist.ts';

/** What stands on a rung, measured. */
export interface Rung {
  readonly report: RungReport;
}

export interface ClimbOptions {
  /** Accuracy on rows that it had not seen that is enough, 0 … 1; absent = the best rung. */
  readonly target?: number;
  /** Told of every rung as soon as it is measured. */
  readonly onRung?: (rung: RungReport) => void;
}

export interface Preference<Tried> {
  readonly isPreferred: (dearer: Tried, cheaper: Tried) => boolean;
  readonly rule: string;
}

export interface Climbed<Tried> {
  readonly chosen: Tried;
  /** Why this rung, in words. */
  readonly reason: string;
  /** Every rung that was tried, cheapest first. */
  readonly tried: readonly Tried[];
}

/**
 * Makes the rungs one after the other, the cheapest first, and stops at the first whose accuracy
 * reaches the target. Without one, or when none reaches it, a dearer one takes the place of what was
 * chosen below it where `isPreferred` says so; `rule` tells how, in words. Throws RangeError without a
 * rung.
 */
export async function climbRungs<Tried extends Rung>(
  rungs: readonly (() => Tried | Promise<Tried>)[],
  { isPreferred, rule }: Preference<Tried>,
  { target, onRung }: ClimbOptions,
): Promise<Climbed<Tried>> {
  const tried: Tried[] = [];
  let best: Tried | undefined;
  for (const make of rungs) {
    const one = await make();
    tried.push(one);
    onRung?.(one.report);
    if (target !== undefined && one.report.accuracy >= target)
      return { chosen: one, reason: 'the cheapest that reaches the target', tried };
    if (best === undefined || isPreferred(one, best)) best = one;
  }
  if (best === undefined) throw new RangeError('no rung was tried');
  const missed = target === undefined ? '' : 'none reaches the target; ';
  const reason = `${missed}${rule}`;
  return { chosen: best, reason, tried };
}
