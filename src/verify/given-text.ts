import { type ChatMessage, lastUserText, textOf } from '../core/chat.ts';

/** What a request wants done, and the text that it brings for it. */
export interface GivenText {
  readonly order: string;
  readonly text: string;
}

/** Characters of a request that are looked at. */
const MOST = 60_000;
/** Longest paragraph, and longest opening before a colon, that can be an order. */
const LONGEST_ORDER = 600;
const LONGEST_OPENING = 240;
/** Shortest text that stands after a colon. */
const SHORTEST_TEXT = 12;
const ASKS =
  /[?？]|^(?:q|a|question|answer|task|instruction)\b.{0,20}:|\banswer\b|回答|问题|质问|質問|antwort|réponds|responde/i;
const ORDERS =
  /^(?:please |now |can you |could you )?(?:extract|rewrite|sort|remove|write|turn|replace|keep|translate|summari[sz]e|classify|convert|correct|fix|proofread|make|put|shorten|describe|identify|format|count|change|improve|rephrase|paraphrase|edit|reformat|list)\b/i;

/**
 * Takes the order and the text that it is about apart: paragraphs, an opening with a colon, or the
 * caller's system message with the text alone. Undefined where no text can be told from the order.
 */
export function splitGiven(messages: readonly ChatMessage[]): GivenText | undefined {
  const prompt = lastUserText(messages).slice(0, MOST).trim();
  const system = messages
    .flatMap((one) => (one.role === 'system' ? [textOf(one.content)] : []))
    .join('\n')
    .slice(0, MOST);
  const split = splitParagraphs(prompt) ?? splitOpening(prompt);
  if (split === undefined)
    return system === '' || prompt === '' ? undefined : { order: system, text: prompt };
  return system === '' ? split : { ...split, order: `${system}\n${split.order}` };
}

function splitParagraphs(prompt: string): GivenText | undefined {
  const paragraphs = prompt.split(/\n\s*\n/).filter((one) => one.trim() !== '');
  const first = paragraphs[0] ?? '';
  const last = paragraphs.at(-1) ?? '';
  if (paragraphs.length < 2) return undefined;
  const isAsked = ASKS.test(last) && last.length <= LONGEST_ORDER && !ORDERS.test(first);
  if (isAsked) {
    const isFramed =
      paragraphs.length > 2 && first.length <= LONGEST_OPENING && /[.:：?？]\s*$/.test(first);
    const text = paragraphs.slice(isFramed ? 1 : 0, -1).join('\n\n');
    return { order: isFramed ? `${first}\n${last}` : last, text };
  }
  if (first.length > LONGEST_ORDER) return undefined;
  return { order: first, text: paragraphs.slice(1).join('\n\n') };
}

function splitOpening(prompt: string): GivenText | undefined {
  const colon = /[:：]\s/.exec(prompt.slice(0, LONGEST_OPENING));
  if (colon === null) return undefined;
  const text = prompt.slice(colon.index + colon[0].length).trim();
  return text.length < SHORTEST_TEXT ? undefined : { order: prompt.slice(0, colon.index), text };
}
