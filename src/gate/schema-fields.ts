import type { JsonValue, ResponseFormat } from '../core/chat.ts';
import type { GateSpoke } from './spoke.ts';

/** Of the own shape of a finder of fields. */
const OWN: ReadonlySet<string> = new Set(['fields', 'spans']);

/** Whether a classifier finds fields in a text and gives no label. */
export function findsFields({ kind, tasks }: Pick<GateSpoke, 'kind' | 'tasks'>): boolean {
  return kind === 'classifier' && tasks.includes('extract');
}

/** Whether a schema asks for fields that the spoke finds, so many at least, and for nothing else. */
export function asksForFields(
  { labels = [] }: Pick<GateSpoke, 'labels'>,
  format: ResponseFormat | undefined,
  least = 1,
): boolean {
  const names = propertiesOf(format);
  return names.length >= least && names.every((name) => labels.includes(name));
}

/** Whether what it finds makes an answer of this form: its own shape, or with one of its fields. */
export function takesFields(
  { labels = [] }: Pick<GateSpoke, 'labels'>,
  format: ResponseFormat | undefined,
): boolean {
  if (format?.type !== 'json-schema') return true;
  const names = propertiesOf(format);
  return names.every((name) => OWN.has(name)) || names.some((name) => labels.includes(name));
}

function propertiesOf(format: ResponseFormat | undefined): readonly string[] {
  if (format?.type !== 'json-schema') return [];
  const properties: JsonValue | undefined = format.schema['properties'];
  const isObject = typeof properties === 'object' && properties !== null;
  return isObject && !Array.isArray(properties) ? Object.keys(properties) : [];
}
