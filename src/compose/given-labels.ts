import type { GivenLabel } from '../core/labelling.ts';
import type { ObjectRow, ObjectStore } from '../core/objects.ts';

type LabelObjects = Pick<ObjectStore, 'doListObjects'>;

const PAGE = 500;

/** The object of a person's label; a row has one for each capability that it is of. */
export function labelId(capability: string, row: string): string {
  return `${encodeURIComponent(capability)}/${row}`;
}

/** What people said of the traffic of a capability, by row. */
export async function givenLabels(
  objects: LabelObjects,
  capability: string,
): Promise<Map<string, GivenLabel>> {
  const given = new Map<string, GivenLabel>();
  let after: string | undefined;
  for (;;) {
    const rows = await pageOfLabels(objects, capability, { limit: PAGE, after });
    for (const one of rows.map(givenOf)) given.set(one.row, one);
    if (rows.length < PAGE) return given;
    after = rows.at(-1)?.id;
  }
}

/** Newest first. */
export async function pageOfLabels(
  objects: LabelObjects,
  capability: string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<readonly ObjectRow[]> {
  return objects.doListObjects({
    kind: 'label',
    prefix: labelId(capability, ''),
    limit,
    ...(after === undefined ? {} : { after }),
  });
}

/** Without its text, which the row of the traffic has. */
export function givenOf({ id, key, createdAt, body }: ObjectRow): GivenLabel {
  return {
    capability: String(body['capability']),
    row: id.slice(id.lastIndexOf('/') + 1),
    label: String(body['label']),
    key,
    at: createdAt,
    text: null,
  };
}
