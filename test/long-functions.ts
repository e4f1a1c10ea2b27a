import { parseAst } from 'vitest/node';

export interface LongFunction {
  /** Of the function, or of what holds it; `(file)` when nothing does. */
  readonly name: string;
  readonly lineCount: number;
}

/** The functions of a TypeScript text that have more lines than allowed, outermost first. */
export function longFunctionsOf(text: string, mostLines: number): LongFunction[] {
  const found: LongFunction[] = [];
  const visit = (node: unknown, name: string): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, name);
    if (!isNode(node)) return;
    const own = node.id?.name ?? node.key?.name ?? name;
    if (FUNCTIONS.has(node.type)) {
      const lineCount = text.slice(node.start, node.end).split('\n').length;
      if (lineCount > mostLines) found.push({ name: own, lineCount });
    }
    for (const child of Object.values(node)) visit(child, own);
  };
  visit(parseAst(text, { lang: 'ts' }).body, '(file)');
  return found;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string } | null;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
