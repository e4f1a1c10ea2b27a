import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import type { TargetWish } from '../gate/certify-target.ts';
import { type GradedFile, readGradedFile } from '../gate/graded-file.ts';
import type { ModelList } from '../gate/model-list.ts';
import { type GateModel, withoutNewcomers } from '../gate/success/gate-model.ts';

/** Fewer cannot be split into a half to fit and a half to certify. */
const ROWS_LEAST = 40;

/** Throws `invalid_request` that says how many graded requests are missing. */
export function requireRows({ lines, duplicates }: GradedFile, name: string): void {
  const graded = lines.filter(({ scores }) => scores.some((score) => !Number.isNaN(score)));
  const missing = ROWS_LEAST - graded.length;
  if (missing <= 0) return;
  const left = [
    ...(duplicates === 0 ? [] : [`${duplicates} repeated left out`]),
    ...(graded.length === lines.length
      ? []
      : [`${lines.length - graded.length} without any grade`]),
  ];
  const aside = left.length === 0 ? '' : ` (${left.join(', ')})`;
  throw new CadreError(
    'invalid_request',
    `${name} has ${graded.length} graded requests${aside}; ${missing} more are needed, ${ROWS_LEAST} at least: a gate is fitted on one half and certified on the other`,
  );
}

/**
 * The new rows for a gate that was fitted before, and the gate as these rows can measure it: without
 * those that joined it and that no row grades.
 */
export function readForGate(
  text: string,
  model: GateModel,
  { name, isNew }: { readonly name: string; readonly isNew: (prompt: string) => boolean },
): { readonly file: GradedFile; readonly measured: GateModel } {
  const { models, newcomers = [] } = model.success;
  const all = onlyNew(readGradedFile(text, { models }, name), isNew);
  const isGraded = (id: string) =>
    all.lines.some(({ scores }) => !Number.isNaN(scores[models.indexOf(id)] ?? Number.NaN));
  const unknown = newcomers.map(({ id }) => id).filter((id) => !isGraded(id));
  const measured = withoutNewcomers(model, unknown);
  if (unknown.length === 0) return { file: all, measured };
  const rest = measured.success.models;
  const rows = withoutModels(text, unknown, models);
  return { file: onlyNew(readGradedFile(rows, { models: rest }, name), isNew), measured };
}

function onlyNew(file: GradedFile, isNew: (prompt: string) => boolean): GradedFile {
  const lines = file.lines.filter(({ prompt }) => isNew(prompt));
  if (lines.length > 0) return { ...file, lines };
  throw new CadreError(
    'invalid_request',
    'the gate was fitted on all rows of the file, or joined by them: a promise needs newer ones',
  );
}

/** The list's prices in the order of the gate's models. Throws `invalid_request` for one that it lacks. */
export function pricesOfGate(
  { success }: GateModel,
  list: ModelList | undefined,
): readonly number[] | undefined {
  const prices = list?.prices;
  if (list === undefined || prices === undefined) return undefined;
  return success.models.map((id) => {
    const price = prices[list.models.indexOf(id)];
    if (price !== undefined) return price;
    const near = nearestName(id, list.models);
    throw new CadreError(
      'invalid_request',
      `the list of models has no price of ${id}; ${near ? `did you mean it by ${near}?` : `it has ${list.models.join(', ')}`}`,
    );
  });
}

/** The lines without what they say of some models. */
function withoutModels(text: string, gone: readonly string[], models: readonly string[]): string {
  const isKept = (id: string | undefined) => id === undefined || !gone.includes(id);
  const cut = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.length === models.length ? value.filter((_, at) => isKept(models[at])) : value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([id]) => isKept(id)));
  };
  return text
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line;
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const { scores, costs, seconds, answers } = row;
      return JSON.stringify({
        ...row,
        ...Object.fromEntries(
          Object.entries({ scores, costs, seconds, answers }).map(([key, one]) => [key, cut(one)]),
        ),
      });
    })
    .join('\n');
}

/** The place of the wanted model, else of the best one. Throws `invalid_request`. */
export function referenceOf({ models, lines }: GradedFile, wanted: string | undefined): number {
  const graded = models.map((_, model) =>
    lines.map((line) => line.scores[model] ?? Number.NaN).filter((one) => one >= 0),
  );
  if (wanted !== undefined) {
    const place = models.indexOf(wanted);
    const refuse = (what: string) => new CadreError('invalid_request', what);
    if (place < 0)
      throw refuse(`there is no model ${wanted} in the file; it has ${models.join(', ')}`);
    if (graded[place]?.length === 0)
      throw refuse(`no request of the file grades ${wanted}, so nothing can be measured by it`);
    return place;
  }
  const means = graded.map(
    (scores) => scores.reduce((sum, one) => sum + one, 0) / Math.max(1, scores.length),
  );
  return means.indexOf(Math.max(...means));
}

/** US dollars of each model's usual answer. Throws `invalid_request` that names whose are missing. */
export function pricesOf(
  { models, lines }: GradedFile,
  listed: readonly number[] | undefined,
  text: string,
): number[] {
  if (listed !== undefined) return [...listed];
  const withCosts = lines.filter((line) => line.costs !== undefined);
  if (withCosts.length === 0)
    throw new CadreError(
      'invalid_request',
      `nothing says what ${costless(text, models)}: give \`costs\` in the lines, or their prices with --models FILE`,
    );
  return models.map(
    (_, model) =>
      withCosts.reduce((sum, line) => sum + (line.costs?.[model] ?? 0), 0) / withCosts.length,
  );
}

/** Whose costs no line has, in words. */
function costless(text: string, models: readonly string[]): string {
  const named = new Set(
    text.split('\n').flatMap((line) => {
      const costs: unknown =
        line.trim() === '' ? {} : (JSON.parse(line) as { costs?: unknown }).costs;
      if (typeof costs !== 'object' || costs === null || Array.isArray(costs)) return [];
      return Object.entries(costs).flatMap(([id, cost]) => (typeof cost === 'number' ? [id] : []));
    }),
  );
  const lacking = models.filter((id) => !named.has(id));
  if (lacking.length === 0) return 'all models cost on one and the same line';
  if (named.size === 0) return 'the models cost';
  return lacking.length === 1 ? `${lacking[0]} costs` : `${lacking.join(', ')} cost`;
}

/** A target is held against what requests really cost and took, not against a list of prices. */
export function requireAmounts({ lines }: GradedFile, target: TargetWish | undefined): void {
  if (target === undefined) return;
  const field = target.of === 'dollars' ? 'costs' : 'seconds';
  const lacking = lines.find((line) => line[field] === undefined);
  if (lacking === undefined) return;
  const what = target.of === 'dollars' ? 'US dollars' : 'seconds';
  throw new CadreError(
    'invalid_request',
    `line ${lacking.line} has no "${field}" of every model: a target needs the ${what} of each answer`,
  );
}
