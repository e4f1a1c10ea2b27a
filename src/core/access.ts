import { coversPath } from './path-pattern.ts';

/** The principal that stands for everyone. */
export const EVERYONE = 'public';

/** The principal of one API key: reads what that key alone may read. */
export function keyPrincipal(key: string): string {
  return `key:${key}`;
}

/** Readers of all documents of a collection whose path fits a pattern (see `coversPath`). */
export interface AccessRule {
  readonly path: string;
  readonly principals: readonly string[];
}

export type MetadataValue = string | number | boolean;
/** What is said of a document beside its text; flat. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** What one party says of a document: the source it came from, or somebody by the API. */
export interface DocumentGrant {
  /** Users and groups; `public` = every reader of the collection, none = its owners alone. */
  readonly principals?: readonly string[];
  /** The principal who answers for it; may always read it. */
  readonly owner?: string;
  readonly metadata?: Metadata;
  /**
   * Nobody but these and the owners, whatever else is said: of a document in the place of one that was
   * closed by hand, or with its bytes. Goes when somebody says by hand who reads this one.
   */
  readonly within?: readonly string[];
}

/** What access and metadata of a document are worked out from. */
export interface Grants {
  readonly path: string;
  readonly given?: DocumentGrant;
  readonly override?: DocumentGrant;
}

/**
 * Who of a collection's readers may read a document: what was said by hand, else the last of the
 * collection's rules that fits its path, else what its source says, else all of them; of those only
 * who was allowed what it took the place of. The owners of the document and of its collection are
 * always among them.
 */
export function documentReaders(
  collection: {
    readonly owner?: string | undefined;
    readonly rules?: readonly AccessRule[] | undefined;
  },
  { path, given, override }: Grants,
): readonly string[] {
  const rule = collection.rules?.findLast((one) => coversPath(one.path, path));
  const said = override?.principals ?? rule?.principals ?? given?.principals ?? [EVERYONE];
  const principals = meetReaders(said, override?.within ?? [EVERYONE]);
  if (principals.includes(EVERYONE)) return [EVERYONE];
  const owner = override?.owner ?? given?.owner;
  const owners = [owner, collection.owner].filter((one) => one !== undefined);
  return [...new Set([...principals, ...owners])].sort();
}

/** Who is among both; `public` stands for all. */
export function meetReaders(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.includes(EVERYONE)) return other;
  return other.includes(EVERYONE) ? one : one.filter((reader) => other.includes(reader));
}

/** Owner and metadata as they count; what was said by hand wins, value by value. */
export function documentWords({ given, override }: Omit<Grants, 'path'>): {
  readonly owner?: string;
  readonly metadata: Metadata;
} {
  const owner = override?.owner ?? given?.owner;
  const metadata = { ...given?.metadata, ...override?.metadata };
  return owner === undefined ? { metadata } : { owner, metadata };
}

/** `undefined` stands for an operator, who may read everything. */
export function mayRead(
  readers: readonly string[],
  principals: readonly string[] | undefined,
): boolean {
  if (principals === undefined || readers.includes(EVERYONE)) return true;
  return readers.some((one) => principals.includes(one));
}
