import { documentRows, groundedRows } from './live-documents.ts';
import { extractionRows } from './live-extraction.ts';
import { type LabelSet, labelRows, labelSets } from './live-labels.ts';
import { rewritingRows } from './live-rewriting.ts';
import type { LiveRow } from './live-row.ts';
import { intentSlices, questionSlices, type SliceRow } from './slices.ts';

/** Seed of the evaluation rows. */
export const LIVE_SEED = 20261126;
/** Seed of generated rows that a gate may be fitted on. */
const FIT_SEED = 20261127;
/** The starter-farm benchmark, whose rows the gate's table was filled from. */
const STARTER_SEED = '20261123';
const STARTER_ROWS = 50;

/**
 * The mix, fixed before any of its answers was seen: two fifths of the requests sort messages, as in
 * a farm that serves support desks; what takes longest to write is rare.
 */
const MIX = {
  banking77: 78,
  clinc150: 78,
  subjects: 60,
  injections: 60,
  extraction: 84,
  rewriting: 80,
  'multiple-choice': 60,
  code: 20,
  arithmetic: 15,
} as const;

/** Characters of a question: long ones cost minutes on two cores and test nothing else. */
const LONGEST = { mmlu: 700, gsm8k: 220, human_eval: 500 } as const;

/** Which of the public question sets make up a slice, in equal parts unless a share is given. */
const QUESTION_SETS: Readonly<
  Record<
    string,
    readonly { readonly set: string; readonly share: number; readonly most?: number }[]
  >
> = {
  'multiple-choice': [
    { set: 'arc_challenge', share: 1 / 4 },
    { set: 'openbook_qa', share: 1 / 4 },
    { set: 'commonsense_qa', share: 1 / 4 },
    { set: 'mmlu', share: 1 / 4, most: LONGEST.mmlu },
  ],
  code: [
    { set: 'mbpp', share: 3 / 4 },
    { set: 'human_eval', share: 1 / 4, most: LONGEST.human_eval },
  ],
  arithmetic: [{ set: 'gsm8k', share: 1, most: LONGEST.gsm8k }],
};

function questionRows(slice: 'multiple-choice' | 'code' | 'arithmetic', all: readonly SliceRow[]) {
  const parts = (QUESTION_SETS[slice] ?? []).map(({ set, share, most = 1500 }) =>
    all
      .filter(
        (row) =>
          row.slice === set &&
          Number(row.id.split('-').at(-1)) >= STARTER_ROWS &&
          row.prompt.length <= most,
      )
      .slice(0, Math.round(MIX[slice] * share))
      .map((row): LiveRow => {
        const { options: _, ...rest } = row;
        return { ...rest, slice, group: row.id };
      }),
  );
  return parts
    .flatMap((part) => part.map((row, index) => ({ row, order: (index + 0.5) / part.length })))
    .sort((left, right) => left.order - right.order)
    .map((one) => one.row);
}

/** Rows of the slices in turn, so that every beginning of the list holds all slices evenly. */
function interleave(rows: readonly LiveRow[]): LiveRow[] {
  const slices = new Map<string, LiveRow[]>();
  for (const row of rows) slices.set(row.slice, [...(slices.get(row.slice) ?? []), row]);
  return [...slices.values()]
    .flatMap((slice) =>
      slice.map((row, index) => {
        // Questions to one document follow each other, as from one reader.
        const first = slice.findIndex(
          (one) => one.group === row.group && row.slice === 'documents',
        );
        const place = first < 0 ? index : first;
        return { row, order: (place + 0.5) / slice.length };
      }),
    )
    .sort((left, right) => left.order - right.order)
    .map((one) => one.row);
}

export interface LiveMix {
  readonly rows: readonly LiveRow[];
  readonly labelSets: readonly LabelSet[];
}

/** The evaluation rows in the order of asking, and what the micro-models learn from. */
export function liveMix(): LiveMix {
  const seed = String(LIVE_SEED);
  const starter = new Set(starterRows().map((row) => row.prompt));
  const sets = labelSets(seed);
  const questions = questionSlices(500, STARTER_SEED);
  const rows = interleave([
    ...sets.flatMap((set) =>
      labelRows(set, MIX[set.name as keyof typeof MIX], seed, (text) => starter.has(text)),
    ),
    ...extractionRows(MIX.extraction, seed),
    ...rewritingRows(MIX.rewriting, seed),
    ...documentRows(),
    ...questionRows('multiple-choice', questions),
    ...questionRows('code', questions),
    ...questionRows('arithmetic', questions),
  ]);
  requireDisjoint(rows, sets, starter);
  return { rows, labelSets: sets };
}

/** What the starter-farm benchmark asked: the gate's table and fits are made of it. */
export function starterRows(): SliceRow[] {
  return [
    ...questionSlices(STARTER_ROWS, STARTER_SEED),
    ...intentSlices(STARTER_ROWS, STARTER_SEED),
  ];
}

/** Requests of each kind that a gate may be fitted on: few, since each is answered by all models. */
const FIT_ROWS = { extraction: 16, rewriting: 20, grounded: 18 } as const;

/** Rows for fitting a gate: the same kinds of jobs, other draws and other documents. */
export function fitRows(): LiveRow[] {
  const seed = String(FIT_SEED);
  return interleave([
    ...extractionRows(FIT_ROWS.extraction, seed),
    ...rewritingRows(FIT_ROWS.rewriting, seed),
    ...groundedRows().slice(0, FIT_ROWS.grounded),
  ]).map((row) => ({ ...row, id: `fit-${row.id}` }));
}

/** Throws where a row of the evaluation was used to train or fit anything. */
function requireDisjoint(
  rows: readonly LiveRow[],
  sets: readonly LabelSet[],
  starter: ReadonlySet<string>,
): void {
  const trained = new Set(
    sets.flatMap((set) => set.train.map((row) => `${set.name}/${row.text.toLowerCase()}`)),
  );
  const fitted = new Set(fitRows().map((row) => row.prompt));
  const seen = new Set<string>();
  for (const row of rows) {
    if (trained.has(`${row.slice}/${row.prompt.toLowerCase()}`))
      throw new Error(`${row.id} is among the rows that ${row.slice} learns from`);
    if (starter.has(row.prompt) || fitted.has(row.prompt))
      throw new Error(`${row.id} is among the rows that the gate is fitted on`);
    if (seen.has(`${row.slice}/${row.prompt}`)) throw new Error(`${row.id} is asked twice`);
    seen.add(`${row.slice}/${row.prompt}`);
  }
}
