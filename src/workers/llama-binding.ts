import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelRequest } from '../core/ports.ts';
import { literal } from '../run/grammar-writer.ts';
import { jsonGrammar } from '../run/json-grammar.ts';

/** What the answer of a request is bound to: a schema, a tool call that must come, or nothing. */
export interface AnswerBinding {
  readonly grammar: string | undefined;
  readonly isJson: boolean;
  /** Names to look for in the answer; none = every text is text. */
  readonly toolNames: readonly string[];
}

export function bindAnswer(request: ModelRequest): AnswerBinding {
  const choice = request.toolChoice ?? 'auto';
  const tools = choice === 'none' ? [] : (request.tools ?? []);
  const toolNames = tools.map((tool) => tool.name);
  if (choice === 'required' || typeof choice === 'object') {
    const wanted =
      typeof choice === 'object' ? tools.filter((tool) => tool.name === choice.name) : tools;
    if (wanted.length === 0)
      throw new CadreError('invalid_request', 'the required tool is not among `tools`', {
        param: 'tool_choice',
      });
    const calls = wanted.map((tool) => callGrammar(tool.name, tool.parameters));
    return { grammar: joinGrammars(calls), isJson: false, toolNames };
  }
  if (request.jsonSchema === undefined) return { grammar: undefined, isJson: false, toolNames };
  return { grammar: jsonGrammar(request.jsonSchema).grammar, isJson: true, toolNames: [] };
}

/** `{"name":NAME,"arguments":…}`; `$ref`s inside the parameters stay relative to them. */
function callGrammar(name: string, parameters: JsonObject | undefined): string {
  const inner = jsonGrammar(
    parameters === undefined || Object.keys(parameters).length === 0 ? true : parameters,
  ).grammar;
  const parts = ['{"name":', `${JSON.stringify(name)},`, '"arguments":'];
  const head = parts.map((part) => `${literal(part)} " "?`).join(' ');
  return inner.replace(/^root ::= (.*)$/m, (_, body: string) => `root ::= ${head} ${body} "}"`);
}

/** One grammar that accepts what any of them accepts; rule names get a prefix of their own. */
function joinGrammars(grammars: readonly string[]): string {
  if (grammars.length === 1) return grammars[0] ?? '';
  const roots = grammars.map((_, index) => `g${index}-root`).join(' | ');
  return `root ::= ${roots}\n${grammars.map((text, index) => prefixed(text, `g${index}-`)).join('')}`;
}

/** Renames rules outside literals and character classes. */
function prefixed(grammar: string, prefix: string): string {
  return grammar.replace(
    /"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{[0-9,]*\}|[a-z][a-z0-9-]*/g,
    (part) => (/^[a-z]/.test(part) ? prefix + part : part),
  );
}
