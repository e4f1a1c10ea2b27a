import { evaluateGate, type GateEvaluation, type GateWish } from '../main.ts';
import { type Command, type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { print, printJson, safeLine } from './terminal.ts';

/** `cadre eval gate`: what would a gate learned from these rows make of others like them? */
export const gateEvaluation: Command = {
  name: 'eval gate',
  summary: 'what would a gate, learned from graded requests, make of others?',
  usage: '--data FILE | --train FILE --test FILE',
  mostWords: 0,
  example: 'cadre eval gate --data graded.jsonl --reference large --certify 0.05,0.1',
  flags: {
    data: {
      type: 'string',
      value: 'FILE',
      description: 'graded requests as JSON lines (also .gz), scored in folds',
    },
    train: { type: 'string', value: 'FILE', description: 'graded requests to learn from' },
    test: { type: 'string', value: 'FILE', description: 'graded requests to score' },
    models: {
      type: 'string',
      value: 'FILE',
      description: 'JSON with model ids and prices',
    },
    reference: { type: 'string', value: 'ID', description: 'the model to be as good as' },
    folds: { type: 'string', value: 'N', description: 'parts of --data (default 5)' },
    group: { type: 'string', value: 'task', description: 'hold out whole tasks' },
    certify: {
      type: 'string',
      value: 'A,D',
      description: 'how often does “lose at most A, confidence 1 − D” fail?',
    },
    seed: { type: 'string', value: 'N', description: 'of folds and fits (default 1)' },
    svg: { type: 'string', value: 'FILE', description: 'draw the curve of quality and cost' },
  },
  run: async (input) => {
    const wish = wishOf(input);
    const svg = textFlag(input, 'svg');
    if (svg !== undefined) checkOutput('--svg', svg);
    const { evaluation, picture } = await evaluateGate(wish);
    const drawn = picture === undefined ? undefined : svg;
    if (drawn !== undefined) writeOutput(drawn, picture ?? '');
    if (input.json)
      printJson({ ...evaluation, ...(drawn === undefined ? {} : { picture: drawn }) });
    else tell(evaluation, drawn);
    return 0;
  },
};

function wishOf(input: CommandInput): GateWish {
  const [data, train, test] = ['data', 'train', 'test'].map((name) => textFlag(input, name));
  if (
    (data === undefined) === (train === undefined) ||
    (train === undefined) !== (test === undefined)
  )
    throw new UsageError('name --data FILE, or --train FILE and --test FILE');
  const group = textFlag(input, 'group');
  if (group !== undefined && group !== 'task') throw new UsageError('--group takes “task”');
  const models = textFlag(input, 'models');
  const reference = textFlag(input, 'reference');
  const certify = promiseOf(textFlag(input, 'certify'));
  return {
    ...(data === undefined ? {} : { data }),
    ...(train === undefined ? {} : { train }),
    ...(test === undefined ? {} : { test }),
    ...(models === undefined ? {} : { models }),
    ...(reference === undefined ? {} : { reference }),
    ...(certify === undefined ? {} : { certify }),
    folds: numberFlag(input, 'folds', { least: 2, most: 50, whole: true }) ?? 5,
    byTask: group === 'task',
    seed: numberFlag(input, 'seed', { least: 0, most: 2 ** 31, whole: true }) ?? 1,
  };
}

function promiseOf(text: string | undefined): GateWish['certify'] {
  if (text === undefined) return undefined;
  const [alpha = Number.NaN, delta = Number.NaN, ...more] = text.split(',').map(Number);
  const isShare = (value: number) => value > 0 && value < 1;
  if (!isShare(alpha) || !isShare(delta) || more.length > 0)
    throw new UsageError(`--certify takes two shares like 0.05,0.1, not “${text}”`);
  return { alpha, delta };
}

function tell(evaluation: GateEvaluation, svg: string | undefined): void {
  const { accuracy, gain, oracleGapClosed, pair, certified, costs } = evaluation;
  print(
    `${evaluation.rows} rows scored by gates that had not seen them (${evaluation.folds} folds)`,
  );
  if (evaluation.incompleteLeftOut > 0)
    print(
      `${evaluation.incompleteLeftOut} more rows, each with a grade missing, taught the gates and are left out of the comparison`,
    );
  else if (!evaluation.isEveryGradeKnown)
    print('grades are missing: each mean is over the rows where what it compares is graded');
  if (evaluation.duplicatesRemoved > 0)
    print(`${evaluation.duplicatesRemoved} rows left out: repeated, or not graded`);
  for (const model of evaluation.models) print(`  ${safeLine(model.id)}: ${share(model.accuracy)}`);
  print(
    `gate ${share(accuracy.gate)} · told the task ${share(accuracy.gateToldTask)} · task mean ${share(accuracy.taskMean)}`,
  );
  print(
    `best single ${share(accuracy.bestSingle)} · random ${share(accuracy.random)} · oracle ${share(accuracy.oracle)}`,
  );
  print(`gate − best single: ${range(gain)}`);
  print(`oracle gap closed: ${range(oracleGapClosed)}`);
  if (evaluation.costsUnknown !== undefined) print(safeLine(evaluation.costsUnknown));
  if (costs !== undefined)
    print(
      `mean quality over cost (${safeLine(costs.unit)}): gate ${share(costs.area.gate)} · mixtures of singles ${share(costs.area.hull)}`,
    );
  if (pair !== undefined) {
    print(`${safeLine(pair.weak)} and ${safeLine(pair.strong)}:`);
    const lines = {
      gate: pair.gate,
      'told the task': pair.gateToldTask,
      'task mean': pair.taskMean,
      'prompt length': pair.promptLength,
      'cheap answer checked': pair.cheapAnswerChecked,
    };
    for (const [name, one] of Object.entries(lines))
      if (one !== undefined)
        print(
          Number.isNaN(one.apgr.value)
            ? `  ${name}: no APGR, both models get the same`
            : `  ${name}: APGR ${range(one.apgr)} · CPT50 ${share(one.cpt50)} · CPT80 ${share(one.cpt80)}`,
        );
  }
  for (const cell of certified?.cells ?? [])
    print(
      `certified on draws of ${cell.rows} with replacement: violated ${share(cell.violations)} (allowed ${share(cell.allowed)}), kept cheap ${share(cell.keptCheap)}`,
    );
  const { p50, p99 } = evaluation.decisionMicroseconds;
  print(`a decision takes ${p50} µs (p99 ${p99} µs), a fit ${evaluation.fitSeconds} s`);
  if (svg !== undefined) print(`picture: ${safeLine(svg)}`);
  print(
    `RESULT ${JSON.stringify({ evaluation: 'gate', metrics: { ...evaluation, costs: costs && { unit: costs.unit, area: costs.area } } })}`,
  );
}

function share(value: number): string {
  return value.toFixed(4);
}

function range({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} … ${high.toFixed(4)})`;
}
