/** What a request costs with each model, and in which unit. */
export interface ReportCosts {
  readonly unit:
    | 'US dollars'
    | 'billions of parameters, read from the names'
    | 'calls of the reference';
  /** Rows × models. */
  readonly perRow: readonly (readonly number[])[];
}

const SIZE = /(?<![a-z\d.])(?:(\d+)x)?(\d+(?:\.\d+)?)\s?([bm])(?![a-z\d])/i;

/**
 * Dollars where any row tells them (a row that does not costs what the others do on average); else
 * the models' sizes, if every name tells one and they differ; else, between two models, calls of the
 * reference. Undefined where nothing of that is known: then no curve would mean anything.
 */
export function reportCosts(
  dollars: readonly (readonly number[] | undefined)[],
  models: readonly string[],
  reference: number,
): ReportCosts | undefined {
  const known = dollars.flatMap((row) => (row === undefined ? [] : [row]));
  if (known.length > 0) {
    const means = models.map(
      (_, model) => known.reduce((sum, row) => sum + (row[model] ?? 0), 0) / known.length,
    );
    return { unit: 'US dollars', perRow: dollars.map((row) => row ?? means) };
  }
  const sizes = models.flatMap((name) => sizeOf(name) ?? []);
  if (sizes.length === models.length && new Set(sizes).size > 1)
    return {
      unit: 'billions of parameters, read from the names',
      perRow: dollars.map(() => sizes),
    };
  if (models.length !== 2) return undefined;
  const calls = models.map((_, model) => (model === reference ? 1 : 0));
  return { unit: 'calls of the reference', perRow: dollars.map(() => calls) };
}

/** Billions of parameters: `llama-3.1-8b`, `mixtral-8x7b`, `smollm2-135m`. */
export function sizeOf(name: string): number | undefined {
  const [, experts = '1', size, unit] = SIZE.exec(name) ?? [];
  if (size === undefined) return undefined;
  return (Number(experts) * Number(size)) / (unit?.toLowerCase() === 'm' ? 1000 : 1);
}
