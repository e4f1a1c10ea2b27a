import type { Caller } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../../core/objects.ts';
import { isObjectId } from '../identifiers.ts';
import { invalidField } from '../wire-fields.ts';

/** What is a caller's own: others are the farm's, and nobody asks for what he opened. */
type Kind = Exclude<
  ObjectRow['kind'],
  'specialist' | 'label' | 'opening' | 'usual' | 'trial_grade' | 'shadow_answer'
>;

const PREFIXES: Readonly<Record<Kind, string>> = {
  response: 'resp_',
  file: 'file-',
  batch: 'batch_',
  vector_store: 'vs_',
  fine_tuning_job: 'ftjob-',
};

/**
 * The caller's own object. Another key's object is as unknown as one that was never there, to the
 * operator too: he sees that it exists on the admin plane, what it says belongs to its key.
 */
export async function ownObject(
  objects: ObjectStore,
  wanted: { readonly kind: Kind; readonly id: string; readonly caller: Caller },
  param?: string,
): Promise<ObjectRow> {
  const { kind, id, caller } = wanted;
  const row = await findObject(objects, kind, id);
  if (row?.key === caller.key) return row;
  throw new CadreError('object_not_found', `there is no ${kind} “${id.slice(0, 100)}”`, {
    ...(param === undefined ? {} : { param }),
  });
}

/** What was not given out here is not looked up: a store may choke on what stands in a path. */
export async function findObject(
  objects: ObjectStore,
  kind: Kind,
  id: string,
): Promise<ObjectRow | undefined> {
  return isObjectId(PREFIXES[kind], id) ? objects.doGetObject(kind, id) : undefined;
}

export interface Page {
  readonly rows: readonly ObjectRow[];
  readonly hasMore: boolean;
}

const READ_ROWS = 500;

/** One page of the caller's own objects, those alone that `isWanted`. */
export async function ownPage(
  objects: ObjectStore,
  wanted: {
    readonly kind: Kind;
    readonly caller: Caller;
    readonly limit: number;
    readonly after: string | undefined;
    readonly oldestFirst: boolean;
    readonly isWanted: (row: ObjectRow) => boolean;
  },
): Promise<Page> {
  const { kind, caller, limit, oldestFirst, isWanted } = wanted;
  let { after } = wanted;
  if (after !== undefined) await requireOwn(objects, { kind, id: after, caller });
  const found: ObjectRow[] = [];
  while (found.length <= limit) {
    const rows = await objects.doListObjects({
      kind,
      key: caller.key,
      limit: READ_ROWS,
      oldestFirst,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...rows.filter(isWanted));
    after = rows.at(-1)?.id;
    if (rows.length < READ_ROWS) break;
  }
  return { rows: found.slice(0, limit), hasMore: found.length > limit };
}

/** An `after` that is gone would look like the end of the list. */
async function requireOwn(
  objects: ObjectStore,
  wanted: { readonly kind: Kind; readonly id: string; readonly caller: Caller },
): Promise<void> {
  const row = await findObject(objects, wanted.kind, wanted.id);
  if (row?.key !== wanted.caller.key)
    throw invalidField('after', `the id of a ${wanted.kind} that is still there`);
}
