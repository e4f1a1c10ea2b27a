/**
 * What a request wants done. The gate's table is task × spoke. `document-question` asks about
 * documents that somebody else holds, `reading` about a text that the request brings.
 */
export const TASKS = [
  'greeting',
  'rewrite',
  'summarise',
  'code',
  'arithmetic',
  'multiple-choice',
  'extract',
  'classify',
  'question',
  'document-question',
  'reading',
  'multi-part',
  'write',
  'reason',
] as const;
export type Task = (typeof TASKS)[number];

/** What the classifier calls a text that tells no task; its share is spread over all tasks. */
export const OTHER = 'other';

/** Tasks that ask for facts: with good evidence they belong to a grounded spoke. */
export const FACT_TASKS: ReadonlySet<string> = new Set(['question', 'document-question']);

/**
 * Tokens of a usual answer, for the expected cost and time. Judged by hand on answers of the 1.5B
 * model; only the order between tasks matters for the choice.
 */
export const ANSWER_TOKENS: Readonly<Record<Task, number>> = {
  greeting: 30,
  rewrite: 60,
  summarise: 100,
  code: 220,
  arithmetic: 180,
  'multiple-choice': 20,
  extract: 70,
  classify: 8,
  question: 80,
  'document-question': 70,
  reading: 40,
  'multi-part': 350,
  write: 260,
  reason: 220,
};

export function isTask(name: string): name is Task {
  return name in ANSWER_TOKENS;
}
