import type { ObjectStore } from '../core/objects.ts';
import { learnLabelled } from '../learn/candidate-shadow.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { labelIn, labelScore } from './traffic-reading.ts';

type AnswerObjects = Pick<
  ObjectStore,
  'doPutObject' | 'doChangeObject' | 'doGetObject' | 'doListObjects'
>;

/** What the row of an unseen answer holds: both answers, and whether a person's label was counted. */
type AnswerBody = {
  readonly own: string;
  readonly live: string;
  readonly isLabelled?: true;
};

/** Longer answers are no labels, and are not kept. */
const ANSWER_MOST = 500;
const PAGE = 500;
/** Rows of one version that are looked through for a queue, the newest. */
const LISTED_MOST = 5000;

/** Keeps both answers for a person's label; false where they are none. */
export async function keepAnswer(
  objects: Pick<AnswerObjects, 'doPutObject'>,
  kept: {
    /** NAME@VERSION of the candidate. */
    readonly version: string;
    readonly receipt: string;
    readonly key: string;
    readonly own: string;
    readonly live: string;
    /** Milliseconds since the epoch: when it was asked, and when its text goes. */
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<boolean> {
  const { own, live } = kept;
  if (labelIn(own, null) === undefined && labelIn(live, null) === undefined) return false;
  if (own.length > ANSWER_MOST || live.length > ANSWER_MOST) return false;
  await objects.doPutObject({
    kind: 'shadow_answer',
    id: `${kept.version}/${kept.receipt}`,
    key: kept.key,
    createdAt: kept.at,
    expiresAt: kept.expiresAt,
    body: { own, live },
  });
  return true;
}

/** What the candidate says otherwise than the live version, by the receipt's id. */
export async function differingLabels(
  objects: Pick<AnswerObjects, 'doListObjects'>,
  version: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const prefix = `${version}/`;
  let after: string | undefined;
  for (let seen = 0; seen < LISTED_MOST; seen += PAGE) {
    const rows = await objects.doListObjects({
      kind: 'shadow_answer',
      prefix,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { id, body } of rows) {
      const { own, live } = body as AnswerBody;
      const label = labelIn(own, null);
      if (label !== undefined && label !== labelIn(live, null))
        found.set(id.slice(prefix.length), label);
    }
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) break;
  }
  return found;
}

/**
 * Counts a person's label of a row that both answered, once. Feedback counts not here: a correction
 * comes where the shown answer was wrong, so that it could speak for the candidate alone.
 */
export async function countLabel(
  {
    objects,
    registry,
  }: {
    readonly objects: Pick<AnswerObjects, 'doGetObject' | 'doChangeObject'>;
    readonly registry: Pick<SpecialistRegistry, 'learnShadow'>;
  },
  version: string,
  receipt: string,
  label: string,
): Promise<void> {
  const row = await objects.doGetObject('shadow_answer', `${version}/${receipt}`);
  if (row === undefined) return;
  const { own, live, isLabelled } = row.body as AnswerBody;
  const body = { own, live, isLabelled: true };
  if (isLabelled || !(await objects.doChangeObject({ ...row, body }, row.body))) return;
  const isOwnRight = labelScore(own, label) === 1;
  const isLiveRight = labelScore(live, label) === 1;
  await registry.learnShadow(version, (known) => learnLabelled(known, { isOwnRight, isLiveRight }));
}
