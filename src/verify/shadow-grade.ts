import type { ChatRequest, FinishReason } from '../core/chat.ts';
import type { CheckName } from '../core/decision.ts';
import type { ShadowOutcome } from '../core/shadow.ts';
import { compareAnswers, type Likeness } from './same-answer.ts';
import { compareVersions } from './same-form.ts';
import { judgeAnswer } from './verdict.ts';

export interface PairedAnswer {
  readonly spoke: string;
  readonly text: string;
  readonly finishReason: FinishReason;
  /** The model said, apart from the text, that it does not answer. */
  readonly isRefused?: boolean;
}

export type PairVerdict = Pick<ShadowOutcome, 'as' | 'agreement' | 'grades' | 'words'>;

/** An answer that fails one of these is of no use, whatever else was said. */
const BROKEN: readonly CheckName[] = ['schema', 'repetition', 'tool-call'];
/** One that fails any of these is nothing to measure another by. */
const NO_YARDSTICK: readonly CheckName[] = [...BROKEN, 'refusal', 'truncation', 'arithmetic'];
/** Where the yardstick answered, such a one did not. */
const UNANSWERED: readonly CheckName[] = ['refusal', 'truncation'];

/**
 * What two answers to one request say of their spokes. Where the `reference`'s passes its checks it is
 * the yardstick: it counts as right, the other one as right as it agrees. That counts every difference
 * against the other one, so that a promise made from it errs towards the reference; it cannot tell
 * where the other was right and the reference wrong. Free text is not graded.
 */
export function gradePair(
  request: ChatRequest,
  served: PairedAnswer,
  shadow: PairedAnswer,
  reference: string | undefined,
): PairVerdict {
  const pair = [served, shadow].map((answer) => ({
    answer,
    failed: failedChecks(request, answer),
  }));
  const yardstick = pair.find(({ answer }) => answer.spoke === reference);
  const other = pair.find((one) => one !== yardstick);
  const broken = pair.flatMap(({ answer, failed }) => {
    const check = BROKEN.find((name) => failed.has(name));
    return check === undefined ? [] : [{ spoke: answer.spoke, check }];
  });
  if (broken.length > 0)
    return {
      grades: broken.map(({ spoke }) => ({ spoke, score: 0 })),
      words: broken.map(({ spoke, check }) => `${spoke} failed its check (${check})`).join(', '),
    };
  const likeness = pair.every(({ failed }) => !UNANSWERED.some((name) => failed.has(name)))
    ? compareAnswers(request, (yardstick?.answer ?? served).text, (other?.answer ?? shadow).text)
    : undefined;
  const isUsable = yardstick && !NO_YARDSTICK.some((name) => yardstick.failed.has(name));
  const told = { ...likeness, words: wordsOf(shadow.spoke, likeness) };
  if (!isUsable || other === undefined) {
    const why =
      yardstick === undefined ? 'neither is the reference' : 'the reference failed a check';
    return { ...told, grades: [], words: `${told.words}; ${why}, nothing is graded` };
  }
  if (likeness !== undefined)
    return {
      ...told,
      grades: [
        { spoke: yardstick.answer.spoke, score: 1 },
        { spoke: other.answer.spoke, score: likeness.agreement },
      ],
    };
  const check = UNANSWERED.find((name) => other.failed.has(name));
  if (check === undefined) return { ...told, grades: [] };
  return {
    grades: [{ spoke: other.answer.spoke, score: 0 }],
    words: `${other.answer.spoke} did not answer (${check}), ${yardstick.answer.spoke} did`,
  };
}

/** What two versions of one specialist say; nothing is learned of them as spokes. */
export function pairVersions(
  served: Pick<PairedAnswer, 'text'>,
  shadow: Pick<PairedAnswer, 'spoke' | 'text'>,
  tolerance?: number,
): PairVerdict {
  const likeness = compareVersions(served.text, shadow.text, tolerance);
  return { ...likeness, grades: [], words: wordsOf(shadow.spoke, likeness) };
}

function failedChecks(
  request: ChatRequest,
  { text, finishReason, isRefused = false }: PairedAnswer,
): ReadonlySet<CheckName> {
  const verdict = judgeAnswer({
    request,
    text,
    finishReason,
    isRefused,
    toolCalls: [],
    passages: [],
  });
  return new Set(verdict.checks.filter(({ passed }) => !passed).map(({ check }) => check));
}

function wordsOf(spoke: string, likeness: Likeness | undefined): string {
  if (likeness === undefined) return `${spoke} answered in its own words, which cannot be compared`;
  const { as, agreement } = likeness;
  if (agreement === 1) return `${spoke} said the same (${as})`;
  if (agreement === 0) return `${spoke} said something else (${as})`;
  return `${spoke} said ${Math.round(100 * agreement)} % of the same (${as})`;
}
