import { type GateContext, massOf } from './context.ts';
import { isNamedClassifier } from './eligibility.ts';
import { CLASSIFIER_ELSEWHERE } from './prior.ts';
import { findsFields } from './schema-fields.ts';
import type { GateSpoke } from './spoke.ts';
import { isSureTrade } from './suitability.ts';
import { taughtJob } from './taught-job.ts';
import { countWords, shareWords } from './wording.ts';

const SORTS: ReadonlySet<string> = new Set(['classify']);
const FINDS: ReadonlySet<string> = new Set(['extract']);

/**
 * P(right) of a specialist as it was measured, and of a local model as it was measured on the rows of the
 * specialist whose trade the request is sure to ask for; undefined for all others. `sure`: the spokes
 * whose trade it is.
 */
export function measuredSuccess(
  spoke: GateSpoke,
  context: GateContext,
  sure: readonly GateSpoke[],
): number | undefined {
  const { measured, kind, modelId } = spoke;
  if (measured === undefined)
    return kind === 'chat'
      ? sure.flatMap((one) => one.measured?.beside ?? []).find(({ model }) => model === modelId)
          ?.rate
      : undefined;
  if (measured.jobs !== undefined) {
    const isNamed = spoke.id === context.input.request.model;
    return taughtJob(spoke, context)?.rate ?? (isNamed ? measured.rate : CLASSIFIER_ELSEWHERE);
  }
  const isAsked = isSureTrade(spoke, context) || isNamedClassifier(context.input);
  const share = isAsked ? 1 : massOf(context.estimate, findsFields(spoke) ? FINDS : SORTS);
  return share * measured.rate + (1 - share) * CLASSIFIER_ELSEWHERE;
}

/** What a local model had right of the rows of one of these spokes. */
export function besideRate(
  { kind, modelId }: GateSpoke,
  sure: readonly GateSpoke[],
): number | undefined {
  if (kind !== 'chat') return undefined;
  const beside = sure.flatMap((one) => one.measured?.beside ?? []);
  return beside.find(({ model }) => model === modelId)?.rate;
}

/** What was measured of a spoke whose trade the request is sure to ask for. */
export function measuredReason(spoke: GateSpoke, context: GateContext): string | undefined {
  const { id, measured } = spoke;
  if (measured === undefined) return undefined;
  const { rate, rows } = taughtJob(spoke, context) ?? measured;
  const others = (measured.beside ?? []).map(
    (one) => `, ${one.model} in ${shareWords(one.rate)} of ${countWords(one.rows)}`,
  );
  return `the request asks for what \`${id}\` was made for: right in ${shareWords(rate)} of ${countWords(rows)} rows${others.join('')}`;
}
