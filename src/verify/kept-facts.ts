import { allAre } from '../base/counted.ts';
import { words } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import type { GivenText } from './given-text.ts';
import { namesOf } from './names.ts';
import { plainAnswer } from './plain-answer.ts';

/** Orders that keep what a text says. */
const KEEPS =
  /\b(?:rewrite|rephrase|paraphrase|reformulate|correct|proofread|fix|polish|translate|sort|replace|reformat|format|convert|turn|write (?:this|the|these)|put|capitali[sz]e|politely?|formal(?:ly)?|nothing else|unchanged)\b/;
/** Orders that leave something out. */
const DROPS =
  /\b(?:summari[sz]e|shorten|keep only|remove|delete|drop|extract|without|filter|anonymi[sz]e|redact|leave out|cut|first|last|reply|answer the|continue)\b/;
/** Orders after which every word is still there, whatever its case and place. */
const STRICT =
  /\b(?:nothing else|unchanged|upper ?case|lower ?case|capital letters?|small letters|sort|alphabetical(?:ly)?|one line|reverse(?:d)? order|leave everything else)\b/;
/** Orders that change numbers or dates. */
const RECKONS = /\b(?:instead of|convert|yyyy|date|unit|currency|round|number|double|half)\b/;
const MONTH =
  /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|^(?:janvier|f[eé]vrier|m[aä]rz|juin|juillet|mai|juni|juli|oktober|dezember)/;

/**
 * Does a rewritten text keep what it has to: its names and numbers, and every word where the order
 * says that nothing else changes? What the order itself names may go. Undefined where the order
 * does not say that things are kept, or there is nothing to keep.
 */
export function checkKept({ order, text }: GivenText, answer: string): CheckResult | undefined {
  const lower = order.toLowerCase();
  if (!KEEPS.test(lower) || DROPS.test(lower)) return undefined;
  const named = new Set(words(order));
  const isTranslated = /\btranslat/.test(lower);
  const isReckoned = RECKONS.test(lower);
  const wanted = (STRICT.test(lower) ? words(text) : factsOf(text)).filter((word) => {
    if (named.has(word)) return false;
    if (!/\p{N}/u.test(word)) return !(isReckoned && MONTH.test(word));
    return !isReckoned;
  });
  const all = [...new Set(isTranslated ? wanted.filter((word) => /\p{N}/u.test(word)) : wanted)];
  if (all.length === 0) return undefined;
  const has = new Set(words(plainAnswer(answer)));
  const missing = all.filter((word) => !has.has(word));
  const share = 1 - missing.length / all.length;
  if (missing.length === 0) return passed('kept', 1, `${allAre(all.length, 'word')} kept`);
  return failed(
    'kept',
    Math.min(0.6, share),
    `${missing.length} of ${all.length} words to keep are gone: ${quoted(missing.slice(0, 4).join(', '))}`,
  );
}

/** Names and numbers of a text as the words they are written with. */
function factsOf(text: string): string[] {
  const names = namesOf(text).flatMap(({ text: name }) => words(name));
  return [...names, ...words(text).filter((word) => /^\p{N}/u.test(word))];
}
