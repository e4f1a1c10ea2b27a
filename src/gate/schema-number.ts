import type { ResponseFormat } from '../core/chat.ts';
import {
  allowsType,
  asksForSureness,
  isRequired,
  numberPlace,
  propertiesOf,
  takesNumber,
} from '../core/number-schema.ts';
import type { GateSpoke } from './spoke.ts';

/** Whether a classifier gives a text a number and no label. */
export function givesNumbers({ kind, tasks }: Pick<GateSpoke, 'kind' | 'tasks'>): boolean {
  return kind === 'classifier' && tasks.includes('score');
}

/** Whether a number, and how sure it is, makes a whole answer of this form. */
export function isNumberEnough(format: ResponseFormat | undefined): boolean {
  if (format?.type !== 'json-schema') return true;
  const { schema } = format;
  if (takesNumber(schema)) return true;
  const properties = propertiesOf(schema);
  if (properties.size === 0) return schema['type'] === undefined || allowsType(schema, 'object');
  const place = numberPlace(schema);
  const isFilled = (name: string) => name === place || asksForSureness(name);
  return (
    place !== undefined &&
    [...properties].every(
      ([name, node]) =>
        (takesNumber(node) && isFilled(name)) ||
        allowsType(node, 'null') ||
        !isRequired(schema, name),
    )
  );
}

/** Whether a schema asks for the number that the spoke is named for, and for nothing else. */
export function asksForNumberOf(
  { id }: Pick<GateSpoke, 'id'>,
  format: ResponseFormat | undefined,
): boolean {
  if (format?.type !== 'json-schema') return false;
  const own = plain(id.split('@')[0] ?? id);
  const names = [...propertiesOf(format.schema).keys()];
  return (
    plain(numberPlace(format.schema) ?? '') === own &&
    names.every((name) => plain(name) === own || asksForSureness(name))
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_. ]+/g, '');
}
