import { parseCsv, readData, readJsonLines, shuffleByHash } from './data.ts';

export type Metric = 'letter' | 'f1' | 'gsm8k' | 'boxed' | 'python' | 'coverage' | 'label';

/** One gradable request of the starter-farm slices. */
export interface SliceRow {
  readonly id: string;
  /** Name of the slice, e.g. `gsm8k`. */
  readonly slice: string;
  /** The gate's task that it belongs to. */
  readonly task: string;
  readonly metric: Metric;
  readonly prompt: string;
  readonly system?: string;
  readonly gold: string;
  readonly tests?: string;
  /** Answers that are possible, when the answer is one of a list. */
  readonly options?: readonly string[];
  readonly maxTokens: number;
  readonly stop?: readonly string[];
}

interface QuestionRow {
  readonly prompt: string;
  readonly task: string;
  readonly metric: string;
  readonly gold: string;
  readonly choices:
    | readonly { label: string; text: string }[]
    | readonly string[]
    | { text: string[]; labels: string[] }
    | null;
}

/** The gate's task that each question set asks for. */
export const TASK_OF: Readonly<Record<string, string>> = {
  gsm8k: 'arithmetic',
  math: 'arithmetic',
  'agentverse-mgsm': 'arithmetic',
  mbpp: 'code',
  human_eval: 'code',
  mmlu: 'multiple-choice',
  arc_challenge: 'multiple-choice',
  commonsense_qa: 'multiple-choice',
  openbook_qa: 'multiple-choice',
  gpqa: 'multiple-choice',
  'agentverse-logicgrid': 'reason',
  trivia_qa: 'question',
  natural_qa: 'question',
  commongen: 'write',
};

/** Nothing after the code block is graded. */
const CODE_END = ['\n```\n'];

/** Longest prompt of a slice, characters: long ones cost minutes on two cores and test nothing else. */
const LONGEST_PROMPT = 1500;

function choicesOf(row: QuestionRow): { label: string; text: string }[] {
  if (!Array.isArray(row.choices)) return [];
  const choices = row.choices as readonly ({ label: string; text: string } | string)[];
  return choices.map((choice, index) =>
    typeof choice === 'string' ? { label: 'ABCDEFGHIJ'[index] ?? '', text: choice } : choice,
  );
}

function toSliceRow(row: QuestionRow, id: string): SliceRow | undefined {
  const base = { id, slice: row.task, task: TASK_OF[row.task] ?? 'question', gold: row.gold };
  switch (row.metric) {
    case 'em_mc': {
      const choices = choicesOf(row);
      const listed = choices.length > 0 && !/(^|\n)\s*\(?A[.):]/.test(row.prompt);
      const list = listed
        ? `\n${choices.map((choice) => `${choice.label}. ${choice.text}`).join('\n')}`
        : '';
      // Not bound by a grammar: nobody who asks such a question sends one, and a quoted letter has
      // other odds than a free one (1.5B on 20 MMLU rows: 15 right free, 8 bound).
      return {
        ...base,
        metric: 'letter',
        maxTokens: 8,
        // Without “only … nothing else” the 1.5B answers B nearly always: 4 of 12 right instead of 7.
        prompt: `${row.prompt}${list}\nAnswer with only the letter of the right choice, nothing else.`,
      };
    }
    case 'f1_score':
      return {
        ...base,
        metric: 'f1',
        maxTokens: 32,
        prompt: `${row.prompt}\nAnswer with a few words, no sentence.`,
      };
    case 'GSM8K':
      return {
        ...base,
        metric: 'gsm8k',
        maxTokens: 180,
        prompt: `${row.prompt}\nThink step by step in few words, then write the result as: #### number`,
      };
    case 'MATH':
      return {
        ...base,
        metric: 'boxed',
        maxTokens: 180,
        prompt: `${row.prompt}\nThink in few words, then put the final answer in \\boxed{}.`,
      };
    case 'code_eval':
      return row.task === 'human_eval'
        ? {
            ...base,
            metric: 'python',
            maxTokens: 180,
            stop: CODE_END,
            tests: row.gold,
            prompt: `Complete this Python function. Answer with the whole function in one code block.\n\n${row.prompt}`,
          }
        : {
            ...base,
            metric: 'python',
            maxTokens: 180,
            stop: CODE_END,
            tests: parseTests(row.gold).join('\n'),
            prompt: `${row.prompt} It must pass: ${shortest(parseTests(row.gold))}\nAnswer with Python code in one code block.`,
          };
    case 'commongen_coverage':
      return {
        ...base,
        metric: 'coverage',
        maxTokens: 80,
        prompt: `Write one or two sentences that use all of these words: ${row.prompt}`,
      };
    default:
      return undefined;
  }
}

function shortest(tests: readonly string[]): string {
  return tests.toSorted((a, b) => a.length - b.length)[0] ?? '';
}

/** MBPP's tests stand as a Python list of quoted strings. */
function parseTests(gold: string): string[] {
  return [...gold.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace(/\\(['"\\])/g, '$1'),
  );
}

/** `count` rows of each of the 14 question tasks, the same for the same seed. */
export function questionSlices(count: number, seed: string): SliceRow[] {
  const rows = readJsonLines<QuestionRow>('gate', 'questions-with-gold.jsonl.gz');
  const slices = new Map<string, SliceRow[]>();
  for (const row of shuffleByHash(rows, (one) => one.prompt, seed)) {
    const slice = slices.get(row.task) ?? [];
    slices.set(row.task, slice);
    if (slice.length >= count || row.prompt.length > LONGEST_PROMPT) continue;
    const made = toSliceRow(row, `${row.task}-${slice.length}`);
    if (made) slice.push(made);
  }
  return [...slices.values()].flat();
}

/** Test rows of Banking77 and CLINC150 with all their labels in a shared system prompt. */
export function intentSlices(count: number, seed: string): SliceRow[] {
  const banking = parseCsv(readData('intent', 'banking77-test.csv.gz'))
    .slice(1)
    .filter((row) => row.length === 2);
  const clinc = (
    JSON.parse(readData('intent', 'clinc150-full.json.gz')) as { test: [string, string][] }
  ).test;
  const make = (slice: string, rows: readonly (readonly string[])[]): SliceRow[] => {
    const options = [...new Set(rows.map((row) => row[1] ?? ''))].sort();
    const system = `Classify the message into one of these intents: ${options.join(', ')}.`;
    return shuffleByHash(rows, (row) => row[0] ?? '', seed)
      .slice(0, count)
      .map((row, index) => ({
        id: `${slice}-${index}`,
        slice,
        task: 'classify',
        metric: 'label',
        system,
        options,
        gold: row[1] ?? '',
        prompt: row[0] ?? '',
        maxTokens: 24,
      }));
  };
  return [...make('banking77', banking), ...make('clinc150', clinc)];
}
