import { CadreError } from '../core/errors.ts';
import type { CollectionRow } from '../core/stores.ts';

export interface IndexRequest {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly watch: boolean;
  readonly principals: readonly string[];
  /** Puts the folder in the place of another one that has the name. */
  readonly replace?: boolean;
  /** A folder whose documents are still to come is no error. */
  readonly mayBeEmpty?: boolean;
}

/** A collection keeps its folder unless the caller asks for another in its place. */
export function checkFolder(stored: CollectionRow, { folder, replace }: IndexRequest): void {
  if (replace === true || trimmed(stored.folder) === trimmed(folder)) return;
  throw new CadreError(
    'conflict',
    `the collection ${stored.name} is made of the folder ${stored.folder}, not of ${folder}; ask with \`replace: true\` to swap them, drop the collection first, or choose another name`,
    { param: 'folder' },
  );
}

function trimmed(folder: string): string {
  return folder.replace(/(?<=.)[\\/]+$/, '');
}

export function checkRequest({ name, folder }: IndexRequest): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,127}$/.test(name))
    throw new CadreError(
      'invalid_request',
      `the collection name ${JSON.stringify(name.slice(0, 80))} is not made of lower-case letters, digits, dot, dash and underscore`,
      { param: 'name' },
    );
  if (!/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(folder))
    throw new CadreError(
      'invalid_request',
      `the folder ${JSON.stringify(folder)} is not an absolute path`,
      {
        param: 'folder',
      },
    );
}
