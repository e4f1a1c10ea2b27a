import type { CheckResult } from '../core/decision.ts';
import { CHECKED_LENGTH, failed, passed } from './checks.ts';

const FENCE = /```([\w+#-]*)[ \t]*\n([\s\S]*?)(?:\n```|$)/g;
const PYTHON: ReadonlySet<string> = new Set(['python', 'py', 'python3']);
const BRACED: ReadonlySet<string> = new Set(
  'js javascript ts typescript jsx tsx java c cpp c++ cs csharp go rust php kotlin swift'.split(
    ' ',
  ),
);
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * Can the code blocks of an answer be parsed, as far as their form tells: strings and brackets closed,
 * JSON readable, in Python a deeper line behind each colon? Only blocks that name their language are
 * looked at; undefined where there is none.
 */
export function checkCode(answer: string): CheckResult | undefined {
  let blocks = 0;
  for (const [, name = '', code = ''] of answer.slice(0, CHECKED_LENGTH).matchAll(FENCE)) {
    const language = name.toLowerCase();
    const problem = problemOf(language, code);
    if (problem === undefined) continue;
    blocks += 1;
    if (problem !== '') return failed('code', 0.1, `the ${language} block ${problem}`);
  }
  return blocks === 0 ? undefined : passed('code', 0.8, 'the code can be parsed by its form');
}

/** '' where nothing is wrong; undefined for languages that are not read. */
function problemOf(language: string, code: string): string | undefined {
  if (language === 'json') return isJson(code) ? '' : 'is no JSON';
  const isPython = PYTHON.has(language);
  if (!isPython && !BRACED.has(language)) return undefined;
  const bare = withoutStrings(code, language);
  if (bare === undefined) return 'has a string without an end';
  if (!isBalanced(bare)) return 'has brackets that do not match';
  return isPython && !isIndented(bare) ? 'lacks an indented line behind a colon' : '';
}

function isJson(code: string): boolean {
  try {
    JSON.parse(code);
    return true;
  } catch {
    return false;
  }
}

const STRINGS_PYTHON =
  /#[^\n]*|[rbfuRBFU]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')/g;
const STRINGS_BRACED =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|'(?:[^'\\\n]|\\[\s\S])*'/g;

/** As in JavaScript, but single quotes hold one character: in Rust `'a` alone is a lifetime. */
const STRINGS_CHARACTERS =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|`[^`]*`|'(?:[^'\\\n]|\\[^\n]{1,8})'/g;
const QUOTED: ReadonlySet<string> = new Set('js javascript ts typescript jsx tsx php'.split(' '));

/** The code with comments and strings blanked; undefined where a quotation mark is left. */
function withoutStrings(code: string, language: string): string | undefined {
  const isPython = PYTHON.has(language);
  const braced = QUOTED.has(language) ? STRINGS_BRACED : STRINGS_CHARACTERS;
  const bare = code.replaceAll(isPython ? STRINGS_PYTHON : braced, (found) =>
    found.startsWith('#') || found.startsWith('/') ? '' : '_',
  );
  if (isPython) return /["']/.test(bare) ? undefined : bare;
  // A regular expression or a lifetime (`'a`) may hold a single mark.
  return /"/.test(bare) && !/\/[^/\n]*"[^/\n]*\//.test(bare) ? undefined : bare;
}

function isBalanced(bare: string): boolean {
  const open: string[] = [];
  // A regular expression may hold any bracket; lines with one are passed over.
  const text = bare.replaceAll(/\/(?![/*\s])(?:[^/\\\n]|\\.)+\/[gimsuy]*/g, '_');
  for (const character of text) {
    if ('([{'.includes(character)) open.push(character);
    const opener = CLOSES[character];
    if (opener !== undefined && open.pop() !== opener) return false;
  }
  return open.length === 0;
}

const OPENS_BLOCK =
  /^(\s*)(?:def|class|if|elif|else|for|while|with|try|except|finally|async|match|case)\b.*:\s*$/;

function isIndented(bare: string): boolean {
  const lines = bare.split('\n').filter((line) => line.trim() !== '');
  return lines.every((line, at) => {
    const indent = OPENS_BLOCK.exec(line)?.[1]?.length;
    if (indent === undefined) return true;
    const next = lines[at + 1];
    return next !== undefined && (/^\s*/.exec(next)?.[0].length ?? 0) > indent;
  });
}
