import { CadreError } from '../core/errors.ts';

/** The models of a file of graded requests. */
export interface ModelList {
  readonly models: readonly string[];
  /** US dollars per million tokens, or any scale that is the same for all; one per model. */
  readonly prices?: readonly number[];
}

/**
 * `["a", "b"]`, `{"a": price, "b": price}` or `{"models": [...], "prices": {"a": price}}`; a price is a
 * number or an object with `input…` and `output…` numbers, whose mean is taken. Throws
 * `invalid_request`.
 */
export function readModelList(text: string): ModelList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  if (Array.isArray(value)) return { models: idsOf(value) };
  if (typeof value !== 'object' || value === null) throw wrong('it is neither a list nor a map');
  const fields = value as Record<string, unknown>;
  const named = Array.isArray(fields['models']);
  const models = named ? idsOf(fields['models'] as unknown[]) : idsOf(Object.keys(fields));
  const from = (named ? fields['prices'] : fields) as Record<string, unknown> | undefined;
  if (from === undefined || from === null) return { models };
  return { models, prices: models.map((id) => priceOf(id, from[id])) };
}

function idsOf(values: readonly unknown[]): string[] {
  const ids = values.map((one) => {
    if (typeof one === 'string' && one !== '') return one;
    throw wrong('a model is named by a text');
  });
  if (new Set(ids).size < ids.length) throw wrong('a model is named twice');
  return ids;
}

function priceOf(id: string, value: unknown): number {
  const price =
    typeof value === 'object' && value !== null
      ? meanPrice(Object.entries(value as Record<string, unknown>))
      : value;
  if (typeof price === 'number' && price >= 0 && Number.isFinite(price)) return price;
  throw wrong(`${id.slice(0, 40)} has no price of at least 0`);
}

function meanPrice(entries: readonly (readonly [string, unknown])[]): number | undefined {
  const prices = entries.flatMap(([name, price]) =>
    /^(input|output)/.test(name) && typeof price === 'number' ? [price] : [],
  );
  if (prices.length === 0) return undefined;
  return prices.reduce((sum, one) => sum + one, 0) / prices.length;
}

function wrong(what: string): CadreError {
  return new CadreError('invalid_request', `the list of models: ${what}`);
}
