import { splitSentences } from '../base/sentences.ts';
import type { PlanStep } from '../core/events.ts';
import { MOST_STEPS } from './plan.ts';

/** Characters; a longer message carries a text to work on, which a split would tear apart. */
const LONGEST_MESSAGE = 1500;
const SHORTEST_JOB = 8;

/** First words of a sentence that ask for a piece of work. */
const VERBS =
  /^(?:please |also |and |then |finally |next |now |lastly |could you |can you |i (?:also )?(?:need|want) you to |,\s*)*(?:add|analy[sz]e|answer|calculate|check|classify|compare|compose|compute|convert|correct|count|create|define|describe|draft|estimate|explain|extract|find|fix|generate|give|how|implement|list|make|name|outline|paraphrase|plan|propose|rank|recommend|rephrase|rewrite|say|show|solve|sort|suggest|sum|summari[sz]e|tell|translate|turn|what|when|where|which|who|why|write)\b/i;
/** The job speaks of what an earlier one made. */
const REFERS =
  /\b(?:it|its|them|these|those|(?:from|with|of|about|in|on|for|to) (?:this|that)|(?:this|that) (?:text|result|answer|code|function|list|poem|story|number|sum)|the (?:result|results|answer|answers|above|previous|output|list|text|summary|translation|code|function|poem|story|number|numbers|sum|total)|both|each of|your)\b/i;
const LIST_MARK = /(?:^|\n)\s*(?:\(?\d{1,2}[.)]|\(?[a-d]\)|[-*•])\s+/g;
const INLINE_MARK = /(?:^|\s)(?:\(?[1-4][.)]|\([a-d1-4]\))\s+(?=\S)/g;
const JOINTS =
  /(?:[,;.]\s*|\s+)(?:and then|then also|and also|after that,?|afterwards,?|finally,?|and finally,?|then)\s+/gi;

/**
 * The plan of a request that is plainly a list of jobs (numbered or bulleted, joined by “and
 * then”, or sentences that each begin with their own verb), without asking a model. A job that
 * refers to an earlier result waits for the job before it. Undefined when the text is not that
 * plain, or has more than four jobs.
 */
export function splitJobs(text: string, model: string): readonly PlanStep[] | undefined {
  const message = text.trim();
  if (message.length > LONGEST_MESSAGE || message.includes('```')) return undefined;
  const jobs = byMarks(message, LIST_MARK) ?? byMarks(message, INLINE_MARK) ?? bySentences(message);
  if (!jobs || jobs.length < 2 || jobs.length > MOST_STEPS) return undefined;
  return jobs.map((instruction, index) => ({
    id: String(index + 1),
    instruction,
    after: index > 0 && REFERS.test(instruction) ? [String(index)] : [],
    model,
  }));
}

/** True when the caller marked the jobs as a list: he wants to see the result of each. */
export function isMarkedList(text: string): boolean {
  return [LIST_MARK, INLINE_MARK].some((mark) => [...text.trim().matchAll(mark)].length > 1);
}

/** Items of a list; what stands before the first mark goes with every item unless it only opens the list. */
function byMarks(text: string, mark: RegExp): readonly string[] | undefined {
  const places = [...text.matchAll(mark)];
  if (places.length < 2) return undefined;
  const opening = text.slice(0, places[0]?.index ?? 0).trim();
  const items = places.map((place, index) =>
    text.slice(place.index + place[0].length, places[index + 1]?.index ?? text.length).trim(),
  );
  if (items.some((item) => item.length < SHORTEST_JOB)) return undefined;
  if (opening !== '' && !opening.endsWith(':')) return undefined;
  return items.every((item) => VERBS.test(item)) ? items.map(clean) : undefined;
}

function bySentences(text: string): readonly string[] | undefined {
  const pieces = splitSentences(text)
    .flatMap((sentence) => sentence.text.split(JOINTS))
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
  const areJobs = pieces.every((piece) => piece.length >= SHORTEST_JOB && VERBS.test(piece));
  return areJobs ? pieces.map(clean) : undefined;
}

/** The job as a sentence of its own. */
function clean(job: string): string {
  const plain = job
    .replace(/^(?:(?:please|also|and|then|finally|next|now|lastly)\b,?\s*)+/i, '')
    .replace(/[,;]?\s*(?:and|then)?\s*$/i, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
