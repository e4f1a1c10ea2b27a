import type { CodeHighlighterPlugin, HighlightToken } from 'streamdown';

type Kind = 'comment' | 'string' | 'number' | 'keyword' | 'call';

/** Light and dark colour; each has a contrast of at least 4.5 on its background. */
const COLOURS: Readonly<Record<Kind, readonly [string, string]>> = {
  comment: ['#6b6560', '#a8a29e'],
  string: ['#0b6b3a', '#86efac'],
  number: ['#9a3412', '#fdba74'],
  keyword: ['#7c3aed', '#c4b5fd'],
  call: ['#1d4ed8', '#93c5fd'],
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const C_LIKE =
  'async await break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null of return static super switch this throw true try type typeof undefined var void while yield public private protected final int long float double char boolean bool struct fn mut pub impl use match mod trait func go defer package range map chan string byte nil using namespace template auto unsigned';
const PYTHON =
  'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield match case self';
const SHELL =
  'if then else elif fi for in do done while until case esac function return export local echo cd exit set source';
const SQL =
  'select from where group by order having join left right inner outer on as and or not null is in insert into values update set delete create table index view drop alter primary key foreign references limit offset union all distinct count sum avg min max case when then else end';

interface Grammar {
  readonly keywords: ReadonlySet<string>;
  /** Starts of a comment that ends with the line. */
  readonly lineComment: string;
  readonly ignoresCase?: boolean;
}

const C_GRAMMAR: Grammar = { keywords: words(C_LIKE), lineComment: '//' };
const PYTHON_GRAMMAR: Grammar = { keywords: words(PYTHON), lineComment: '#' };
const SHELL_GRAMMAR: Grammar = { keywords: words(SHELL), lineComment: '#' };
const SQL_GRAMMAR: Grammar = { keywords: words(SQL), lineComment: '--', ignoresCase: true };
const DATA_GRAMMAR: Grammar = { keywords: words('true false null yes no'), lineComment: '#' };

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map([
  ...'js jsx ts tsx javascript typescript java c cpp c++ cs csharp go golang rust rs kotlin swift php scala dart css'
    .split(' ')
    .map((name) => [name, C_GRAMMAR] as const),
  ...'py python python3 ruby rb'.split(' ').map((name) => [name, PYTHON_GRAMMAR] as const),
  ...'sh bash shell zsh console dockerfile'
    .split(' ')
    .map((name) => [name, SHELL_GRAMMAR] as const),
  ['sql', SQL_GRAMMAR],
  ...'json jsonc yaml yml toml ini'.split(' ').map((name) => [name, DATA_GRAMMAR] as const),
]);

/** One pass, each alternative linear: strings, block comments, numbers, words, and the rest. */
const TOKEN =
  /""".*?(?:"""|$)|'''.*?(?:'''|$)|\/\*.*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*`?|\b\d[\w.]*|[A-Za-z_$][\w$]*|\s+|\/\/|--|./gsy;

function kindOf(token: string, next: string, grammar: Grammar): Kind | undefined {
  if (token.startsWith('/*')) return 'comment';
  if (/^["'`]/.test(token)) return 'string';
  if (/^\d/.test(token)) return 'number';
  if (!/^[A-Za-z_$]/.test(token)) return undefined;
  if (grammar.keywords.has(grammar.ignoresCase ? token.toLowerCase() : token)) return 'keyword';
  return next === '(' ? 'call' : undefined;
}

function paint(content: string, kind: Kind | undefined): HighlightToken {
  if (kind === undefined) return { content };
  const [light, dark] = COLOURS[kind];
  return { content, htmlStyle: { color: light, '--shiki-dark': dark } };
}

function highlight(code: string, grammar: Grammar): HighlightToken[][] {
  const lines: HighlightToken[][] = [[]];
  const add = (text: string, kind: Kind | undefined) => {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      const line = lines.at(-1);
      const last = line?.at(-1);
      // Uncoloured neighbours are joined: fewer elements, and no character is cut in two.
      if (kind === undefined && last !== undefined && last.htmlStyle === undefined)
        last.content += part;
      else if (part !== '') line?.push(paint(part, kind));
    }
  };
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(code); found !== null; found = TOKEN.exec(code)) {
    const token = found[0];
    if (token === grammar.lineComment) {
      const end = code.indexOf('\n', found.index);
      const comment = code.slice(found.index, end < 0 ? code.length : end);
      add(comment, 'comment');
      TOKEN.lastIndex = found.index + comment.length;
    } else add(token, kindOf(token, code.charAt(TOKEN.lastIndex), grammar));
  }
  return lines;
}

/** Colours the languages that models write most, without a grammar to download. */
export const codeHighlighter: CodeHighlighterPlugin = {
  name: 'shiki',
  type: 'code-highlighter',
  getSupportedLanguages: () => [...GRAMMARS.keys()],
  getThemes: () => ['light', 'dark'],
  supportsLanguage: (language) => GRAMMARS.has(language.toLowerCase()),
  highlight({ code, language }) {
    const grammar = GRAMMARS.get(language.toLowerCase());
    const tokens = grammar
      ? highlight(code, grammar)
      : code.split('\n').map((line) => [{ content: line }]);
    return { tokens };
  },
};
