import { exactMcNemar, wilsonInterval } from '../base/statistics.ts';
import type { CandidateShadow, ShadowedAnswer } from '../core/candidate-shadow.ts';

export function startShadow(wish: Pick<CandidateShadow, 'against' | 'since'>): CandidateShadow {
  return {
    ...wish,
    answers: 0,
    failed: 0,
    differing: 0,
    agreement: 0,
    ownMs: 0,
    liveMs: 0,
    kept: 0,
    labelled: { rows: 0, both: 0, onlyOwn: 0, onlyLive: 0 },
  };
}

/** What is known after one more request. */
export function learnShadowed(
  shadow: CandidateShadow,
  { agreement, ownMs, liveMs, isKept }: ShadowedAnswer,
): CandidateShadow {
  if (agreement === undefined) return { ...shadow, failed: shadow.failed + 1 };
  return {
    ...shadow,
    answers: shadow.answers + 1,
    differing: shadow.differing + (agreement < 1 ? 1 : 0),
    agreement: shadow.agreement + agreement,
    ownMs: shadow.ownMs + ownMs,
    liveMs: shadow.liveMs + liveMs,
    kept: shadow.kept + (isKept ? 1 : 0),
  };
}

/** What is known after a person's label of a row that both answered. */
export function learnLabelled(
  shadow: CandidateShadow,
  { isOwnRight, isLiveRight }: { readonly isOwnRight: boolean; readonly isLiveRight: boolean },
): CandidateShadow {
  const { rows, both, onlyOwn, onlyLive } = shadow.labelled;
  return {
    ...shadow,
    labelled: {
      rows: rows + 1,
      both: both + (isOwnRight && isLiveRight ? 1 : 0),
      onlyOwn: onlyOwn + (isOwnRight && !isLiveRight ? 1 : 0),
      onlyLive: onlyLive + (!isOwnRight && isLiveRight ? 1 : 0),
    },
  };
}

/**
 * How it stands, in words. People are asked for rows on which the two disagree before all others, which
 * says nothing of which of them is right: the test looks at these rows alone and stays what it is; the
 * shares right are of the labelled rows, and lower than of all.
 */
export function shadowWords(shadow: CandidateShadow): string {
  const { against, answers, failed, differing, agreement, ownMs, liveMs } = shadow;
  const start = `answers unseen beside version ${against}: ${answers} requests`;
  const misses = failed === 0 ? '' : `, ${failed} more that it could not answer`;
  if (answers === 0) return start + misses;
  const { low, high } = wilsonInterval(answers - differing, answers);
  const share = `the same in ${percent((answers - differing) / answers)} (95 %: ${percent(low)} – ${percent(high)}), ${differing} differ`;
  const partly =
    agreement > answers - differing
      ? `, ${percent(agreement / answers)} of all values the same`
      : '';
  const time = `${milliseconds(ownMs / answers)} against ${milliseconds(liveMs / answers)} ms`;
  return [`${start}${misses}`, share + partly, time, ...labelWords(shadow)].join('; ');
}

function labelWords({ labelled, against }: CandidateShadow): string[] {
  const { rows, both, onlyOwn, onlyLive } = labelled;
  if (rows === 0) return [];
  const p = exactMcNemar(onlyOwn, onlyLive).toPrecision(2);
  return [
    `of ${rows} labelled rows ${both + onlyOwn} right against ${both + onlyLive}, only it ${onlyOwn} times, only version ${against} ${onlyLive} times (exact McNemar p = ${p})`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(0);
}
