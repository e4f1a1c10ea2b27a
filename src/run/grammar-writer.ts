import { CadreError } from '../core/errors.ts';

/**
 * JSON without idle white space: only one space may follow a colon or a comma. Tokenisers put it
 * into the next token for free; without it Qwen2.5-Coder 0.5B must take a token of probability
 * e⁻¹³ before every string, and writes nonsense after it. Numbers are bounded to what a double holds; a control character
 * or a lone quote cannot stand in a string. `plain` is a character without \u escapes, so that
 * lengths count what a reader counts.
 */
export const PRIMITIVES: Readonly<Record<string, string>> = {
  char: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt/] | "u" [0-9a-fA-F]{4})',
  plain: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ["\\\\bfnrt/]',
  string: '"\\"" char* "\\""',
  integer: '"-"? ("0" | [1-9] [0-9]{0,14})',
  number: 'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  boolean: '"true" | "false"',
  value: 'object | array | string | number | boolean | "null"',
  colon: '":" " "?',
  comma: '"," " "?',
  object: '"{" (string colon value (comma string colon value)*)? "}"',
  array: '"[" (value (comma value)*)? "]"',
};

const NEEDS: Readonly<Record<string, readonly string[]>> = {
  string: ['char'],
  number: ['integer'],
  value: ['object', 'array', 'string', 'number', 'boolean', 'colon', 'comma'],
};

/** An untrusted schema must not make a grammar that takes seconds to read. */
const MOST_RULES = 4000;
const MOST_CHARACTERS = 1_000_000;
/** A character of a key that needs no escape in JSON. */
const KEY_CHARACTER = '[^"\\\\\\x7F\\x00-\\x1F]';

export interface Member {
  readonly body: string;
  readonly isRequired: boolean;
}

interface KeyNode {
  isKey: boolean;
  readonly next: Map<string, KeyNode>;
}

/** Collects the rules of one grammar. */
export class GrammarWriter {
  readonly #rules = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #size = 0;
  #count = 0;

  /** The name of a rule every JSON grammar shares. */
  use(name: string): string {
    if (this.#rules.has(name)) return name;
    const body = PRIMITIVES[name];
    if (body === undefined) throw new CadreError('internal', `no grammar rule ${name}`);
    this.#put(name, body);
    for (const other of NEEDS[name] ?? []) this.use(other);
    return name;
  }

  /** A rule with this body; equal bodies share one. */
  rule(body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = this.fill(this.reserve(), body);
    this.#names.set(body, name);
    return name;
  }

  /** A name whose body comes later, for recursion. */
  reserve(): string {
    this.#count += 1;
    return `r${this.#count}`;
  }

  fill(name: string, body: string): string {
    this.#put(name, body);
    return name;
  }

  /** Members in order, with commas only between those that are there, then any number of `other`. */
  members(members: readonly Member[], other: string | undefined): string {
    const comma = this.use('comma');
    let after = other === undefined ? '' : `(${comma} ${other})*`;
    let first = other === undefined ? '' : `(${other} (${comma} ${other})*)?`;
    for (const { body, isRequired } of [...members].reverse()) {
      const rest = after === '' ? '' : ` ${this.rule(after)}`;
      const skipped = first === '' ? '""' : this.rule(first);
      first = isRequired ? `${body}${rest}` : `(${body}${rest} | ${skipped})`;
      after = isRequired ? `${comma} ${body}${rest}` : `(${comma} ${body})?${rest}`;
    }
    return first === '' ? '""' : this.rule(first);
  }

  /** A quoted key that is none of the names; it may hold no escapes, so no name can hide in one. */
  keyOtherThan(names: readonly string[]): string {
    const root: KeyNode = { isKey: false, next: new Map() };
    for (const name of names) {
      if (JSON.stringify(name) !== `"${name}"`) continue;
      let node = root;
      for (const character of name) {
        const next = node.next.get(character) ?? { isKey: false, next: new Map() };
        node.next.set(character, next);
        node = next;
      }
      node.isKey = true;
    }
    return `"\\"" ${this.#otherKeys(root)} "\\""`;
  }

  text(root: string): string {
    const lines = [`root ::= ${root}`];
    for (const [name, body] of this.#rules) lines.push(`${name} ::= ${body}`);
    return `${lines.join('\n')}\n`;
  }

  #otherKeys(node: KeyNode): string {
    const taken = [...node.next.keys()].map(inClass).join('');
    const choices = [`${KEY_CHARACTER.slice(0, -1)}${taken}] ${KEY_CHARACTER}*`];
    for (const [character, next] of node.next)
      choices.push(`${literal(character)} ${this.#otherKeys(next)}`);
    if (!node.isKey) choices.push('""');
    return this.rule(choices.join(' | '));
  }

  #put(name: string, body: string): void {
    this.#rules.set(name, body);
    this.#size += body.length;
    if (this.#rules.size > MOST_RULES || this.#size > MOST_CHARACTERS)
      throw new CadreError('invalid_request', 'the JSON Schema is too large to bind an answer to', {
        param: 'response_format',
      });
  }
}

/** A text as a GBNF literal. */
export function literal(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `"${escaped}"`;
}

function inClass(character: string): string {
  return /[\]\\^-]/.test(character) ? `\\x${character.charCodeAt(0).toString(16)}` : character;
}
