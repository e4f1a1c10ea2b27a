import type { JsonValue } from '../core/chat.ts';
import { plainWords } from './final-answer.ts';
import { compareJson, type Likeness } from './same-answer.ts';
import { parseJson } from './schema.ts';

/**
 * How much two versions of one specialist say the same: their answers have one form, so that nothing is
 * to be found out about it. Of fields what stands in them counts, not where it was found; of a label in
 * JSON the label; not how sure a version is. Else the words count, without case and the signs around.
 */
export function compareVersions(live: string, own: string): Likeness {
  const [wanted, found] = [saidIn(live), saidIn(own)];
  const likeness =
    wanted === undefined || found === undefined ? undefined : compareJson(wanted, found);
  return likeness ?? { as: 'label', agreement: plainWords(live) === plainWords(own) ? 1 : 0 };
}

/** What a JSON answer says; undefined for any other. */
function saidIn(text: string): string | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { fields } = value;
  if (isObject(fields)) return JSON.stringify(fields);
  // A label with its confidence, by whatever names the schema gives them.
  const others = Object.entries(value).filter(([, one]) => typeof one !== 'number');
  const isLabel = others.length === 1 && Object.keys(value).length === 2;
  return JSON.stringify(isLabel ? Object.fromEntries(others) : value);
}

function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
