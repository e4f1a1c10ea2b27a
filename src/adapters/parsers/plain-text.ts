import type { ParsedDocument } from '../../core/ports.ts';
import { HeadingPath } from './headings.ts';
import { BlockCutter, isBlank, type Line, linesOf } from './text-lines.ts';

const ITEM = /^\s*(?:[-*•–]|\d{1,3}[.)])\s+/;
const UNDERLINE = /^\s*(?:={3,}|-{3,}|~{3,})\s*$/;
const LONGEST_TITLE = 80;

/** Paragraphs between blank lines; a title in capitals or underlined is a heading. */
export function parsePlainText(text: string): ParsedDocument {
  const lines = linesOf(text);
  const cutter = new BlockCutter(text);
  const headings = new HeadingPath();
  let at = 0;
  while (at < lines.length) {
    const first = lines[at];
    if (first === undefined) break;
    if (isBlank(first) || UNDERLINE.test(first.text)) {
      at += 1;
      continue;
    }
    const isUnderlined =
      UNDERLINE.test(lines[at + 1]?.text ?? '') && first.text.length < LONGEST_TITLE;
    if (isUnderlined || isTitle(first, lines[at + 1])) {
      cutter.cutLines('heading', first, first, headings.enter(isUnderlined ? 1 : 2, first.text));
      at += isUnderlined ? 2 : 1;
      continue;
    }
    let end = at + 1;
    while (end < lines.length && continues(lines[end])) end += 1;
    const mark = ITEM.exec(first.text)?.[0];
    const kind = mark === undefined ? 'paragraph' : 'list-item';
    const last = lines[end - 1] ?? first;
    cutter.cut(kind, first.start + (mark?.length ?? 0), last.end, first.number, headings.path());
    at = end;
  }
  return cutter.document();
}

/** One row per line: logs, and other text whose lines stand for themselves. */
export function parseRows(text: string): ParsedDocument {
  const cutter = new BlockCutter(text);
  for (const line of linesOf(text)) cutter.cutLines('table-row', line, line, []);
  return cutter.document();
}

/** Structured text (JSON, YAML, XML …): runs of lines, cut at blank lines. */
export function parseStructured(text: string): ParsedDocument {
  const cutter = new BlockCutter(text);
  cutter.cut('code', 0, text.length, 1, []);
  return cutter.document();
}

function continues(line: Line | undefined): boolean {
  return line !== undefined && !isBlank(line) && !ITEM.test(line.text);
}

function isTitle(line: Line, next: Line | undefined): boolean {
  const text = line.text.trim();
  return (
    text.length < LONGEST_TITLE &&
    (next === undefined || isBlank(next)) &&
    /\p{Lu}{2}/u.test(text) &&
    !/\p{Ll}/u.test(text) &&
    !/[.!?:;,]$/.test(text)
  );
}
