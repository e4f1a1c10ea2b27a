import type { ParsedDocument } from '../../core/ports.ts';
import { BlockCutter, isBlank, type Line, linesOf } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

/** Words that begin a declaration in the languages that are read; after modifiers. */
const MODIFIERS =
  '(?:export|default|declare|public|private|protected|internal|static|final|abstract|async|override|virtual|inline|extern|unsafe|pub(?:\\([^)]*\\))?|sealed|open|data|const(?=\\s+(?:fn|enum|async|unsafe)))\\s+';
const KEYWORDS =
  'function\\*?|class|interface|enum|struct|trait|impl|union|record|protocol|extension|namespace|module|mod|def|fn|func|fun|sub|object|macro_rules!|type|const|let|var|static|CREATE|ALTER|INSERT|create|alter|insert';
const DECLARATION = new RegExp(`^(?:${MODIFIERS})*(?:${KEYWORDS})\\b`);
/** `int main(void) {`, `name() {` of C-like languages and shells, at the margin. */
const C_FUNCTION =
  /^(?!(?:if|for|while|switch|return|else|do|case|catch|using|import|package)\b)[A-Za-z_][\w:<>,*&\s~[\]]*\([^;]*$/;
const MEMBER = new RegExp(
  `^(?: {2}| {4}|\\t)(?:${MODIFIERS})*(?:(?:def|fn|func|fun|function|sub)\\b|(?!(?:if|for|while|switch|return|else|do|case|catch|with|elif|await|yield|throw|new)\\b)#?[A-Za-z_][\\w<>\\[\\], .?]*\\([^;]*\\)[^;=]*\\{\\s*$)`,
);
const CONTAINER =
  /\b(?:class|interface|struct|trait|impl|enum|object|protocol|extension|record|namespace|module)\b/;
const LEADING =
  /^\s*(?:\/\/|\/\*|\*|#(?!include|define|if|endif|pragma)|@|--|"""|'''|\[[A-Za-z]|#\[)/;
const LONGEST_NAME = 120;

/** Longer files with longer lines on average were not written by people. */
const GENERATED_LENGTH = 20_000;
const GENERATED_LINE = 300;

/**
 * Blocks of source code by declaration; the declaration's line is the heading. Throws Unreadable
 * for minified code: one bundle would give more chunks than a whole handbook.
 */
export function parseSourceCode(text: string): ParsedDocument {
  const lines = linesOf(text);
  if (text.length > GENERATED_LENGTH && text.length / lines.length > GENERATED_LINE)
    throw new Unreadable('it is generated or minified code');
  const cutter = new BlockCutter(text);
  let from = 0;
  let path: readonly string[] = [];
  const close = (end: number) => {
    if (end > from) cutter.cutLines('code', lines[from], lines[end - 1], path);
    from = Math.max(from, end);
  };
  for (const [index, line] of lines.entries()) {
    const level = levelOf(line, path);
    if (level === 0) continue;
    close(startOf(lines, index, from));
    path = [...path.slice(0, level - 1), nameOf(line)];
  }
  close(lines.length);
  return cutter.document();
}

/** 1 = at the margin, 2 = member of the open container, 0 = no declaration. */
function levelOf(line: Line, path: readonly string[]): 0 | 1 | 2 {
  const text = line.text;
  if (text.length > 400) return 0;
  if (DECLARATION.test(text) || C_FUNCTION.test(text)) return 1;
  return path[0] !== undefined && CONTAINER.test(path[0]) && MEMBER.test(text) ? 2 : 0;
}

/** Comments and decorators right above a declaration belong to it. */
function startOf(lines: readonly Line[], index: number, from: number): number {
  let start = index;
  while (start > from) {
    const above = lines[start - 1];
    if (above === undefined || isBlank(above) || !LEADING.test(above.text)) break;
    start -= 1;
  }
  return start;
}

function nameOf(line: Line): string {
  return line.text
    .replace(/\s*[{:]?\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_NAME)
    .toWellFormed();
}
