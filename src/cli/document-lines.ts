import { EVERYONE } from '../core/access.ts';
import type { CollectionStanding } from '../core/document-text.ts';
import { formatBytes } from '../core/format-bytes.ts';
import { coversPath } from '../core/path-pattern.ts';
import type { CollectionRow, DocumentRow } from '../core/stores.ts';
import { counted } from '../main.ts';
import { safeLine } from './terminal.ts';

/** As the farm tells them: who is no operator does not learn who reads a document. */
type ShownDocument = Omit<DocumentRow, 'principals'> & Partial<Pick<DocumentRow, 'principals'>>;

/** One document of a collection: what it is, who reads it, what is said of it. */
export function documentLines(document: ShownDocument): string[] {
  const { path, type, bytes, version, chunkCount, owner, metadata } = document;
  const size = `${formatBytes(bytes)}, ${counted(chunkCount, 'passage')}`;
  return [
    safeLine(path),
    `  ${type || 'unknown type'}, ${size}, version ${version}: ${stateOf(document)}`,
    ...(document.principals === undefined ? [] : [`  readers: ${readersOf(document)}`]),
    ...(owner === undefined ? [] : [`  owner: ${safeLine(owner)}`]),
    ...Object.entries(metadata)
      .map(([key, value]) => safeLine(`${key}: ${value}`))
      .map(indented),
  ];
}

/** How far the sentences about a collection's passages are; nothing where none are wanted. */
export function contextLines({ contexts, chunks }: CollectionStanding): string[] {
  if (contexts === undefined) return [];
  const { spoke, written, refused, problem } = contexts;
  return [
    `contexts by ${spoke}: ${written} of ${chunks}`,
    ...Object.entries(refused).map(([why, count]) => `  ${count} without: ${safeLine(why)}`),
    ...(problem === undefined ? [] : [`  no more for now: ${safeLine(problem)}`]),
  ];
}

function indented(line: string): string {
  return `  ${line}`;
}

export function readersOf({ principals = [] }: Pick<ShownDocument, 'principals'>): string {
  return safeLine(principals.join(', ')) || 'operators alone';
}

/** A collection's rules as they are, and what in them has no effect. */
export function ruleLines(
  { rules = [], principals, owner }: Pick<CollectionRow, 'rules' | 'principals' | 'owner'>,
  paths: readonly string[],
): { readonly rules: string[]; readonly warnings: string[] } {
  const warnings: string[] = [];
  for (const rule of rules) {
    const place = safeLine(rule.path);
    if (!paths.some((path) => coversPath(rule.path, path)))
      warnings.push(`the rule for ${place} fits no document`);
    const strangers = rule.principals.filter(
      (one) => one !== EVERYONE && one !== owner && !principals.includes(one),
    );
    if (strangers.length > 0 && !principals.includes(EVERYONE))
      warnings.push(
        `the rule for ${place} names ${safeLine(strangers.join(', '))}, who may not read the collection`,
      );
  }
  return { rules: rules.map((one) => safeLine(`${one.path} → ${readersOf(one)}`)), warnings };
}

export function stateOf({ problem, flags, attempts, retryAt }: ShownDocument): string {
  if (problem === undefined) return flags.length > 0 ? `flagged: ${flags[0]}` : 'indexed';
  const tried = attempts === undefined ? '' : `, tried ${counted(attempts, 'time')}`;
  const minutes = Math.max(1, Math.ceil(((retryAt ?? 0) - Date.now()) / 60_000));
  const again = retryAt === undefined ? '' : `, again within ${counted(minutes, 'minute')}`;
  return safeLine(`${problem}${tried}${again}`);
}
