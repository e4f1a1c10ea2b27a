/** One measurement that somebody made: the last line of a bench or an evaluation, or its --json. */
export interface Evaluation {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly curves: readonly Curve[];
}

export interface Figure {
  /** Where it stands in the result, as `wice › cadre › auroc`. */
  readonly name: string;
  readonly value: number;
  /** 95 % interval, where it has one. */
  readonly low?: number;
  readonly high?: number;
  /** Of how many, where it is a share of a count. */
  readonly of?: number;
}

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** Of a point that stands for a share of the rows: 0 … 1. */
  readonly weight?: number;
  /** For a person who points at it. */
  readonly words: string;
}

export interface Curve {
  readonly name: string;
  readonly kind: 'reliability' | 'dial';
  readonly xName: string;
  readonly yName: string;
  readonly points: readonly CurvePoint[];
}

type Fields = Readonly<Record<string, unknown>>;

/** A result has some hundred figures; more is something else. */
const MOST_FIGURES = 2000;

/** The results in a text: a JSON file, or the output of a command with its `RESULT` lines. Throws Error. */
export function readEvaluations(text: string, file: string): readonly Evaluation[] {
  const lines = text.split('\n').filter((line) => line.startsWith('RESULT {'));
  const written = lines.length > 0 ? lines.map((line) => line.slice('RESULT '.length)) : [text];
  return written.map((one, index) => readOne(parseResult(one, file), `${file} ${index}`));
}

function parseResult(text: string, file: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // Said below.
  }
  throw new Error(`${file} holds no result: neither a line “RESULT {…}” nor one JSON object`);
}

function readOne(result: Fields, id: string): Evaluation {
  const figures: Figure[] = [];
  const curves: Curve[] = [];
  const { metrics, bench, evaluation, seed, rows: _rows, versions: _versions, ...rest } = result;
  walk(isFields(metrics) ? metrics : rest, [], figures, curves);
  const name = [bench, evaluation].find((one) => typeof one === 'string') ?? 'result';
  const title = typeof seed === 'number' ? `${name}, seed ${seed}` : String(name);
  return { id, title, figures, curves };
}

function walk(value: unknown, path: readonly string[], figures: Figure[], curves: Curve[]): void {
  if (figures.length >= MOST_FIGURES) return;
  const name = path.join(' › ');
  if (typeof value === 'number') figures.push({ name, value });
  else if (Array.isArray(value)) {
    const curve = curveOf(name, value.filter(isFields));
    if (curve !== undefined) curves.push(curve);
    else
      for (const [index, one] of value.entries())
        if (isFields(one)) walk(one, [...path, labelOf(one) ?? String(index + 1)], figures, curves);
  } else if (isFields(value)) {
    const figure = figureOf(name, value);
    if (figure !== undefined) figures.push(figure);
    else for (const [key, one] of Object.entries(value)) walk(one, [...path, key], figures, curves);
  }
}

function figureOf(name: string, fields: Fields): Figure | undefined {
  const value = numberOf(fields, 'value') ?? numberOf(fields, 'share');
  const [low, high] = [numberOf(fields, 'low'), numberOf(fields, 'high')];
  if (value === undefined || low === undefined || high === undefined) return undefined;
  const of = numberOf(fields, 'of');
  return { name, value, low, high, ...(of === undefined ? {} : { of }) };
}

/** The curves that `cadre eval grounding` and `cadre eval answers` write. */
function curveOf(name: string, rows: readonly Fields[]): Curve | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  if ('meanProbability' in first && 'supported' in first)
    return {
      name,
      kind: 'reliability',
      xName: 'P(supported), as told',
      yName: 'supported, in truth',
      points: pointsOf(rows, 'meanProbability', 'supported', 'weight'),
    };
  if ('shown' in first && 'unsupported' in first)
    return {
      name,
      kind: 'dial',
      xName: 'share that is shown',
      yName: 'unsupported among the shown',
      points: pointsOf(rows, 'shown', 'unsupported'),
    };
  if ('answered' in first && 'invented' in first)
    return {
      name,
      kind: 'dial',
      xName: 'answered, of the answerable',
      yName: 'invented, of the others',
      points: pointsOf(rows, 'answered', 'invented'),
    };
  return undefined;
}

function pointsOf(
  rows: readonly Fields[],
  xField: string,
  yField: string,
  weightField?: string,
): readonly CurvePoint[] {
  return rows.flatMap((row): CurvePoint[] => {
    const [x, y] = [numberOf(row, xField), numberOf(row, yField)];
    if (x === undefined || y === undefined) return [];
    const weight = weightField === undefined ? undefined : numberOf(row, weightField);
    const words = Object.entries(row)
      .flatMap(([key, value]) => (typeof value === 'number' ? [`${key} ${round(value)}`] : []))
      .join(', ');
    return [{ x, y, words, ...(weight === undefined ? {} : { weight }) }];
  });
}

export function round(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en')
    : Number(value.toPrecision(3)).toString();
}

function labelOf(fields: Fields): string | undefined {
  return ['leg', 'name', 'id'].map((key) => fields[key]).find((one) => typeof one === 'string');
}

function numberOf(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
