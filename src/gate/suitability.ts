import type { Rejection } from '../core/decision.ts';
import { type GateContext, likelyTask, massOf } from './context.ts';
import { hasLabels } from './eligibility.ts';
import { listsLabels } from './listed-labels.ts';
import { enumOf } from './schema-enum.ts';
import { asksForFields, findsFields } from './schema-fields.ts';
import { asksForNumberOf, givesNumbers } from './schema-number.ts';
import type { GateSpoke } from './spoke.ts';
import { FACT_TASKS } from './task.ts';
import { taughtJob } from './taught-job.ts';

/** From here the best passage decides that an answer must stand on it. */
const EVIDENCE_STRONG = 0.5;
/** Share of the posterior that a spoke's tasks need. */
const TASK_SHARE = 0.3;
const JSON_TASKS: ReadonlySet<string> = new Set(['extract', 'classify']);
const PLAN_TASKS: ReadonlySet<string> = new Set(['multi-part']);

/** `lifted`: only the operator's task list speaks against it, which counts less than no answer. */
interface Unsuited {
  readonly rejection: Rejection;
  readonly lifted: boolean;
}

/**
 * Why a spoke that could serve should not be asked by itself; undefined when nothing speaks
 * against it. Does not apply to a spoke that the request names.
 */
export function unsuited(spoke: GateSpoke, context: GateContext): Unsuited | undefined {
  const reason = wrongTrade(spoke, context);
  if (reason !== undefined) return rejected(spoke, reason, false);
  if (spoke.tasks.length === 0 || spoke.kind === 'hub') return undefined;
  if (spoke.kind === 'grounded' && context.input.evidence?.required) return undefined;
  if (isSureTrade(spoke, context)) return undefined;
  // What was measured of a spoke counts more than what it is kept for.
  const { certificate, scope } = context.input;
  if (scope === undefined && certificate?.models.includes(spoke.id)) return undefined;
  if (massOf(context.estimate, new Set(spoke.tasks)) >= TASK_SHARE) return undefined;
  const kept = spoke.tasks.join(', ');
  return rejected(
    spoke,
    `is kept for ${kept}; this looks like ${likelyTask(context.estimate)}`,
    true,
  );
}

/** What is to be made up is in no text. */
const MAKING_TASKS: ReadonlySet<string> = new Set(['write', 'code']);
/** Many a schema has a field called `name`: one field alone may be asked for of anything. */
const SURE_FIELDS = 2;

/**
 * Whether the answer's schema is the choice among the classifier's labels, or has its fields or the number
 * that it is named for, or the instructions list its labels, or the request says what an adapter's rows
 * say: then its trade is sure, whatever the text looks like.
 */
export function isSureTrade(spoke: GateSpoke, context: GateContext): boolean {
  if (spoke.measured?.jobs !== undefined) return taughtJob(spoke, context) !== undefined;
  const { responseFormat } = context.input.request;
  if (givesNumbers(spoke)) return asksForNumberOf(spoke, responseFormat);
  if (findsFields(spoke))
    return (
      asksForFields(spoke, responseFormat, SURE_FIELDS) &&
      massOf(context.estimate, MAKING_TASKS) < TASK_SHARE
    );
  if (spoke.kind !== 'classifier') return false;
  return hasLabels(spoke, enumOf(responseFormat)) || listsLabels(spoke, context.input.request);
}

function rejected(spoke: GateSpoke, reason: string, lifted: boolean): Unsuited {
  return { rejection: { id: spoke.id, code: 'not-suited', reason }, lifted };
}

function wrongTrade(spoke: GateSpoke, context: GateContext): string | undefined {
  const { input, surface, estimate } = context;
  switch (spoke.kind) {
    case 'classifier':
      if (isAskedFor(spoke, context)) return undefined;
      return givesNumbers(spoke)
        ? `gives a number, which the request does not ask for as \`${spoke.id}\``
        : `sorts into ${spoke.labels?.length ?? 0} labels of its own, which the request does not ask for`;
    case 'hub': {
      const { jobs, numberedJobs } = surface.features;
      if (jobs < 2 && numberedJobs < 2) return 'plans several jobs, the request has one';
      if (massOf(estimate, PLAN_TASKS) >= TASK_SHARE) return undefined;
      return `plans several jobs; this looks like ${likelyTask(estimate)}`;
    }
    case 'grounded':
      if (input.evidence?.required || estimate.flat) return undefined;
      if (massOf(estimate, FACT_TASKS) >= TASK_SHARE) return undefined;
      return `answers from documents; this looks like ${likelyTask(estimate)}`;
    case 'chat': {
      if (spoke.measured?.jobs !== undefined)
        return isSureTrade(spoke, context)
          ? undefined
          : 'was taught another job than the request’s';
      const format = input.request.responseFormat?.type ?? 'text';
      if (spoke.output !== 'json' || format !== 'text') return undefined;
      if (massOf(estimate, JSON_TASKS) >= TASK_SHARE) return undefined;
      return 'writes JSON, the request asks for text';
    }
  }
}

/** Whether facts are asked for and the documents have them: then only who cites may answer. */
export function mustCite({ input, estimate }: GateContext): boolean {
  const { evidence } = input;
  if (evidence === undefined) return false;
  if (evidence.required) return true;
  return evidence.strength >= EVIDENCE_STRONG && massOf(estimate, FACT_TASKS) >= TASK_SHARE;
}

/**
 * A classifier's labels are its own: it serves when the request offers exactly these labels, in its
 * schema or in its instructions, names it, names two of its labels in the question, or asks to sort
 * something that its name describes. One that finds fields serves where the request's schema asks for
 * such fields and no others, one that gives numbers where it asks for the number that it is named for.
 */
function isAskedFor(spoke: GateSpoke, { input, surface }: GateContext): boolean {
  const labels = spoke.labels ?? [];
  const { responseFormat } = input.request;
  if (givesNumbers(spoke)) return asksForNumberOf(spoke, responseFormat);
  if (labels.length === 0) return false;
  // Which fields a text has is no matter of its words: the schema says what is wanted.
  if (findsFields(spoke)) return asksForFields(spoke, responseFormat);
  if (hasLabels(spoke, enumOf(responseFormat)) || listsLabels(spoke, input.request)) return true;
  const { text, asked, words } = saidOf(surface);
  if (holdsWord(text, spoke.id.toLowerCase())) return true;
  let named = 0;
  // A farm may have hundreds of specialists: most labels are ruled out by their first word.
  for (const { plain, first } of plainLabels(labels))
    if ((first === '' || words.has(first)) && holdsWord(asked, plain)) named += 1;
  if (named >= 2) return true;
  return (
    SORTING.test(text) &&
    plainWords(spoke.id)
      .split(' ')
      .some((word) => holdsStem(text, word))
  );
}

interface Said {
  /** Instructions and question. */
  readonly text: string;
  /** The question alone: what instructions list is labels of this classifier, or of something else. */
  readonly asked: string;
  /** Of the question. */
  readonly words: ReadonlySet<string>;
}

/** What the request says, in lower case, once for all classifiers that are asked about it. */
const saidBefore = new WeakMap<GateContext['surface'], Said>();

function saidOf(surface: GateContext['surface']): Said {
  const known = saidBefore.get(surface);
  if (known !== undefined) return known;
  const asked = surface.excerpt.text.toLowerCase();
  const text = `${surface.excerpt.system.toLowerCase()}\n${asked}`;
  const said = { text, asked, words: new Set(asked.match(WORDS)) };
  saidBefore.set(surface, said);
  return said;
}

interface PlainLabel {
  readonly plain: string;
  /** Its first run of letters. */
  readonly first: string;
}

const plainBefore = new WeakMap<readonly string[], readonly PlainLabel[]>();

function plainLabels(labels: readonly string[]): readonly PlainLabel[] {
  const known = plainBefore.get(labels);
  if (known !== undefined) return known;
  const made = labels.map((label) => {
    const plain = plainWords(label);
    return { plain, first: plain.match(WORDS)?.[0] ?? '' };
  });
  plainBefore.set(labels, made);
  return made;
}

/** Runs of what `isLetter` takes for letters. */
const WORDS = /[a-z0-9\u0080-\uffff]+/g;

const SORTING =
  /\b(classify|categori[sz]e|label|tag|route|triage|sort|assign|which (category|topic|label|class|intent)|what (category|topic|label|class|intent))\b/;

function plainWords(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, ' ');
}

function holdsWord(text: string, word: string): boolean {
  if (word === '') return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isLetter(text.charCodeAt(at - 1)) && !isLetter(text.charCodeAt(at + word.length)))
      return true;
  }
  return false;
}

/** `topics` is held by a text with `topic`. */
function holdsStem(text: string, word: string): boolean {
  const stem = word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word;
  return stem.length > 2 && text.includes(stem);
}

/** NaN, beyond the ends of a text, is no letter. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}
