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
const NO_NAME =
  '(?!(?:if|for|while|switch|return|else|do|case|catch|with|elif|await|yield|throw|new|super|this)\\b)';
/** Functions, nested containers, methods `name(…) {` or `name(` and fields that are functions. */
const MEMBER = new RegExp(
  `^\\s+(?:${MODIFIERS}|readonly\\s+|get\\s+|set\\s+)*(?:(?:def|fn|func|fun|function|sub|class|interface|enum|struct|trait|record)\\b|${NO_NAME}#?[A-Za-z_][\\w<>\\[\\], .?]*\\((?:[^;]*\\)[^;=]*\\{)?\\s*$|${NO_NAME}#?[A-Za-z_]\\w*\\s*=\\s*(?:async\\s*)?\\([^;]*=>\\s*\\{\\s*$)`,
);
/** Statements of SQL; inside another one they stand right below it. */
const STATEMENT = /^(?:SELECT|WITH|UPDATE|DELETE|DROP|GRANT|select|update|delete|drop|grant)\b/;
const CONTAINER =
  /\b(?:class|interface|struct|trait|impl|enum|object|protocol|extension|record|namespace|module|mod)\b/;
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
  let open: readonly Declaration[] = [];
  const close = (end: number) => {
    const path = open.map((one) => one.name);
    if (end > from) cutter.cutLines('code', lines[from], lines[end - 1], path);
    from = Math.max(from, end);
  };
  for (const [index, line] of lines.entries()) {
    open = withBody(open, line);
    if (isDeclaration(lines, index, open)) {
      close(startOf(lines, index, from));
      const indent = indentOf(line);
      open = [
        ...open.filter((one) => one.indent < indent),
        { name: nameOf(line), indent, isContainer: CONTAINER.test(line.text) },
      ];
    } else if (open.length > 0 && isLoose(lines, index)) {
      close(startOf(lines, index, from));
      open = [];
    }
  }
  close(lines.length);
  return cutter.document();
}

interface Declaration {
  readonly name: string;
  readonly indent: number;
  readonly isContainer: boolean;
  /** Indentation of its members; known from its first line on. */
  readonly body?: number;
}

/** The first line inside a container tells where its members stand. */
function withBody(open: readonly Declaration[], line: Line): readonly Declaration[] {
  const last = open.at(-1);
  const indent = indentOf(line);
  if (last?.isContainer !== true || last.body !== undefined || isBlank(line)) return open;
  return indent > last.indent ? [...open.slice(0, -1), { ...last, body: indent }] : open;
}

function indentOf(line: Line): number {
  return line.text.length - line.text.trimStart().length;
}

function isDeclaration(
  lines: readonly Line[],
  index: number,
  open: readonly Declaration[],
): boolean {
  const line = lines[index];
  if (line === undefined || line.text.length > 400 || isBlank(line)) return false;
  const { text } = line;
  const indent = indentOf(line);
  if (indent > 0) return open.some((one) => one.body === indent) && MEMBER.test(text);
  if (STATEMENT.test(text)) return index === 0 || isEnd(lines[index - 1]);
  return DECLARATION.test(text) || C_FUNCTION.test(text);
}

/** A statement at the margin after a declaration has ended belongs to none. */
function isLoose(lines: readonly Line[], index: number): boolean {
  const line = lines[index];
  const above = lines[index - 1];
  if (line === undefined || above === undefined || isBlank(line) || !isBlank(above)) return false;
  if (/^[\s{})\]]/.test(line.text) || LEADING.test(line.text)) return false;
  const last = lines.slice(Math.max(0, index - 20), index).findLast((one) => !isBlank(one));
  return last !== undefined && (indentOf(last) > 0 || isEnd(last));
}

function isEnd(line: Line | undefined): boolean {
  return (
    line === undefined ||
    isBlank(line) ||
    /^[})\]]|[;}]\s*$|^(?:end|fi|done|esac)\b/.test(line.text)
  );
}

/** Comments, decorators and a type that stands alone right above a declaration belong to it. */
function startOf(lines: readonly Line[], index: number, from: number): number {
  let start = index;
  while (start > from) {
    const above = lines[start - 1];
    if (above === undefined || isBlank(above)) break;
    const isType = start === index && /^[A-Za-z_][\w \t*]{0,80}$/.test(above.text);
    if (!LEADING.test(above.text) && !(isType && C_FUNCTION.test(lines[index]?.text ?? ''))) break;
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
