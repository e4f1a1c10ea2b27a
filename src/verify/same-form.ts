import { isWithin } from '../base/within-tolerance.ts';
import type { JsonValue } from '../core/chat.ts';
import { plainWords } from './final-answer.ts';
import { compareJson, type Likeness } from './same-answer.ts';
import { parseJson } from './schema.ts';

/**
 * How much two versions of one specialist say the same: their answers have one form, so that nothing is
 * to be found out about it. Of fields what stands in them counts, not where it was found; of a label in
 * JSON the label; not how sure a version is. Numbers are the same within the `tolerance` of those that
 * answer with one. Else the words count, without case and the signs around.
 */
export function compareVersions(live: string, own: string, tolerance?: number): Likeness {
  if (tolerance !== undefined) {
    const isSame = isWithin(numberIn(live), numberIn(own), tolerance);
    return { as: 'number', agreement: isSame ? 1 : 0 };
  }
  const [wanted, found] = [saidIn(live), saidIn(own)];
  const likeness =
    wanted === undefined || found === undefined ? undefined : compareJson(wanted, found);
  return likeness ?? { as: 'label', agreement: plainWords(live) === plainWords(own) ? 1 : 0 };
}

/** The first number that is no confidence; NaN where there is none. */
function numberIn(text: string): number {
  const value = parseJson(text);
  if (!isObject(value)) return typeof value === 'number' ? value : Number.NaN;
  const found = Object.entries(value).find(
    ([name, one]) => typeof one === 'number' && name !== 'confidence',
  );
  return Number(found?.[1] ?? Number.NaN);
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
