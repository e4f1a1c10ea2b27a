import { questionTerms } from '../base/question-terms.ts';
import { indexTerms } from '../base/tokens.ts';

/** Something that a passage says the rest can be read in. */
export interface Reference {
  readonly kind: 'section' | 'document';
  /** `4.2`, `Annex B`, `Travel Policy`, `rules/travel.md`. */
  readonly name: string;
}

const POINTS =
  '(?:see(?: also)?|refer to|consult|(?:as )?(?:described|defined|listed|specified|given|set out|set down|laid down|regulated|stated|explained|found|detailed) (?:in|by|under)|(?:according|pursuant|subject) to|(?:apply|applies|are|is) (?:in|under|from)|governed by|follow(?:s)?|details? (?:are |is )?(?:in|under)|under|in accordance with)';
const SECTION =
  /(?:\b([Ss]ection|[Cc]hapter|[Aa]nnex|[Aa]ppendix|[Cc]lause|[Pp]aragraph|[Tt]able|[Ss]chedule)|§)\s*(\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)\b(?:\s+of\s+the\s+((?:\p{Lu}[\p{L}\p{N}-]*\s?){1,5}))?/gu;
const QUOTED = new RegExp(`\\b${POINTS}\\s+(?:the\\s+)?[“"‘]([^”"’]{3,80})[”"’]`, 'giu');
/** Whoever points in small letters may be followed by a name in capitals; `i` would lose the capitals. */
const NAMED = new RegExp(
  `\\b${POINTS.replaceAll('(?:see', '(?:[Ss]ee')}\\s+(?:the\\s+)?((?:\\p{Lu}[\\p{L}\\p{N}-]*|\\p{Lu}+-?\\p{N}+)(?:\\s+(?:(?:of|for|and|on)\\s+)?(?:\\p{Lu}|\\p{N})[\\p{L}\\p{N}-]*){0,5})`,
  'gu',
);
/** The other way round: `the Travel Policy applies`. */
const APPLIES =
  /\b[Tt]he\s+(\p{Lu}[\p{L}\p{N}-]*(?:\s+(?:(?:of|for|and|on)\s+)?\p{Lu}[\p{L}\p{N}-]*){0,5})\s+(?:applies|apply|governs|regulates|describes|lists|defines)\b/gu;
const LINK = /\]\(([^)\s]{1,200})\)/gu;
const FILE =
  /(?<![\w/:.])((?:[\w-]+\/)*[\w-]+\.(?:md|txt|html?|pdf|docx?|odt|rtf|xlsx?|csv|pptx?))\b/gu;
const MOST = 4;

/** Where a sentence points to, in the order of its words; web addresses are no documents of the collection. */
export function referencesIn(sentence: string): readonly Reference[] {
  const found: Reference[] = [];
  const add = (kind: Reference['kind'], name: string | undefined) => {
    const plain = (name ?? '').trim();
    if (plain !== '' && !found.some((one) => one.name === plain)) found.push({ kind, name: plain });
  };
  for (const [, word = '', number, document] of sentence.matchAll(SECTION)) {
    if (document !== undefined) add('document', document);
    add('section', /^[A-Z]$/iu.test(number ?? '') ? `${word} ${number}` : number);
  }
  for (const [, link = ''] of sentence.matchAll(LINK))
    if (!/^[a-z]+:/iu.test(link))
      add(
        link.startsWith('#') ? 'section' : 'document',
        link.replace(/^#|#.*$/gu, '').replaceAll('-', link.startsWith('#') ? ' ' : '-'),
      );
  for (const [, file] of sentence.matchAll(FILE)) add('document', file);
  for (const [, name] of sentence.matchAll(QUOTED)) add('document', name);
  for (const [, name] of sentence.matchAll(APPLIES)) add('document', name);
  for (const [, name] of sentence.matchAll(NAMED))
    if (
      !/^(?:section|chapter|annex|appendix|clause|paragraph|part|table|schedule)\b/iu.test(
        name ?? '',
      )
    )
      add('document', name);
  return found.slice(0, MOST);
}

/** Whether a heading is the one that is named: its number, its letter, or all its words. */
export function isHeading(heading: string, name: string): boolean {
  const wanted = name.toLowerCase().trim();
  const title = heading.toLowerCase().trim();
  if (/^\d+(?:\.\d+)*$/u.test(wanted)) {
    const number = /^(?:section|chapter|clause|part|table|§)?\s*(\d+(?:\.\d+)*)\b/u.exec(
      title,
    )?.[1];
    return number === wanted;
  }
  if (title === wanted || title.startsWith(`${wanted} `)) return true;
  if (title.startsWith(`${wanted}:`) || title.startsWith(`${wanted}.`)) return true;
  const terms = questionTerms(name);
  const known = new Set(indexTerms(heading));
  return terms.length > 0 && terms.every((term) => known.has(term));
}

/** Whether a document is the one that is named: by its path, or by the words of path and title. */
export function isDocument(path: string, title: string | undefined, name: string): boolean {
  const wanted = name.toLowerCase().replace(/^(?:\.{0,2}\/)+/u, '');
  const place = path.toLowerCase();
  if (place === wanted || place.endsWith(`/${wanted}`)) return true;
  const terms = questionTerms(name);
  const known = new Set(
    indexTerms(`${path.replace(/\.[^./]+$/u, '').replaceAll(/[/_-]/gu, ' ')} ${title ?? ''}`),
  );
  return terms.length > 0 && terms.every((term) => known.has(term));
}
