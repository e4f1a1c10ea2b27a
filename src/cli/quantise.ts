import { resolve } from 'node:path';
import type { FarmClient } from '../core/farm-client.ts';
import { formatBytes } from '../core/format-bytes.ts';
import {
  MOST_QUALITY_ROWS,
  QUANTISATIONS,
  type QualityRow,
  type Quantisation,
  type QuantisationPlan,
  type QuantisationProgress,
  type QuantisationReport,
} from '../core/quantisation.ts';
import { readQuestions } from '../main.ts';
import { byteFlag } from './byte-flag.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { formatTable, note, ProgressLine, paint, print, printJson } from './terminal.ts';

export const quantiseCommand: Command = {
  name: 'quantise',
  summary:
    'plan smaller forms of a model, or one file of a model and its adapter; make and measure it',
  usage: 'MODEL|SPECIALIST',
  mostWords: 1,
  example: 'cadre quantise qwen2.5-coder-0.5b-instruct-q4_k_m --fit 900MB --data questions.jsonl',
  flags: {
    fit: {
      type: 'string',
      value: 'SIZE',
      description: 'make the most exact form that takes no more memory than this, e.g. 4GB',
    },
    to: {
      type: 'string',
      value: 'FORMAT',
      description: `make this form: ${QUANTISATIONS.join(', ')}`,
    },
    adapter: {
      type: 'string',
      value: 'FILE',
      description:
        'a LoRA adapter of the model that is written in; a specialist that is an adapter has its own',
    },
    name: {
      type: 'string',
      value: 'NAME',
      description: 'name what is made NAME-FORMAT; otherwise as the model or the specialist',
    },
    data: {
      type: 'string',
      value: 'FILE',
      description: 'JSON lines of {"question", "answer"}: how many each model has right',
    },
  },
  run: (input) => {
    const [id] = input.words;
    if (id === undefined) throw new UsageError('name the model; `cadre models` lists them');
    const wish = wishOf(input);
    return withFarm(input, (client) => run(input, client, id, wish));
  },
};

interface Wish {
  readonly source: { readonly adapter?: string; readonly name?: string };
  readonly fit: number | undefined;
  readonly to: Quantisation | undefined;
  readonly rows: readonly QualityRow[];
}

function wishOf(input: CommandInput): Wish {
  const fit = byteFlag(input, 'fit');
  const named = textFlag(input, 'to');
  const to = QUANTISATIONS.find((one) => one === named);
  if (named !== undefined && to === undefined)
    throw new UsageError(`“${named}” is none of ${QUANTISATIONS.join(', ')}`);
  if (fit !== undefined && to !== undefined)
    throw new UsageError('--fit chooses the form by itself; leave out one of --fit and --to');
  const data = textFlag(input, 'data');
  if (data !== undefined && fit === undefined && to === undefined)
    throw new UsageError('--data measures what is made: add --to FORMAT or --fit SIZE');
  const [adapter, name] = [textFlag(input, 'adapter'), textFlag(input, 'name')];
  const source = {
    ...(adapter === undefined ? {} : { adapter: resolve(adapter) }),
    ...(name === undefined ? {} : { name }),
  };
  return { source, fit, to, rows: data === undefined ? [] : qualityRows(data) };
}

function qualityRows(path: string): readonly QualityRow[] {
  const rows = readQuestions(path).filter(({ gold }) => gold.length > 0);
  if (rows.length === 0) throw new UsageError(`${path} has no question with an answer`);
  if (rows.length > MOST_QUALITY_ROWS)
    note(`the first ${MOST_QUALITY_ROWS} of ${rows.length} questions are asked`);
  return rows.slice(0, MOST_QUALITY_ROWS).map(({ question, gold }) => ({ question, gold }));
}

async function run(
  input: CommandInput,
  client: FarmClient,
  id: string,
  { source, fit, to, rows }: Wish,
): Promise<number> {
  const place = `/cadre/v1/models/${encodeURIComponent(id)}`;
  const { signal } = input;
  const query = new URLSearchParams(source);
  const { plan } = (await client.doGet(`${place}/quantisations?${query}`, { signal })) as {
    plan: QuantisationPlan;
  };
  const format = to ?? (fit === undefined ? undefined : formFor(plan, fit));
  if (format === undefined) {
    if (input.json) printJson(plan);
    else printPlan(plan, fit);
    return 0;
  }
  const report = await make(input, client, place, { ...source, format, rows });
  if (!input.json) for (const line of reportLines(report, plan)) print(line);
  return 0;
}

/** Undefined = the model fits as it is. Throws UsageError where nothing fits. */
function formFor(plan: QuantisationPlan, fit: number): Quantisation | undefined {
  if (plan.memoryBytes <= fit) return undefined;
  const form = plan.forms.find(({ changed, memoryBytes }) => changed > 0 && memoryBytes <= fit);
  if (form !== undefined) return form.format;
  const least = Math.min(plan.memoryBytes, ...plan.forms.map((one) => one.memoryBytes));
  throw new UsageError(
    `no form of ${plan.model} fits in ${formatBytes(fit)}: the smallest takes ${formatBytes(least)}; shorter contexts take less (fleet.contextTokens, fleet.slots)`,
  );
}

function printPlan(plan: QuantisationPlan, fit: number | undefined): void {
  const bound = fit ?? plan.memoryBudget;
  const fits = (bytes: number) => (bytes <= bound ? 'yes' : 'no');
  const rows = plan.forms.map((form) => [
    form.format,
    formatBytes(form.fileBytes),
    formatBytes(form.memoryBytes),
    fits(form.memoryBytes),
    form.changed === 0 ? 'no smaller than it is' : form.isInstalled ? `made: ${form.id}` : '',
  ]);
  const asItIs = [
    'as it is',
    formatBytes(plan.fileBytes),
    formatBytes(plan.memoryBytes),
    fits(plan.memoryBytes),
    '',
  ];
  const head = ['form', 'file', 'memory', `fits ${formatBytes(bound)}`, ''];
  for (const line of formatTable([head, asItIs, ...rows])) print(line);
  if (fit !== undefined) print(`${plan.model} fits as it is; nothing was made.`);
  else print(paint('dim', '`--to FORMAT` makes one and measures it'));
}

async function make(
  { json, signal }: CommandInput,
  client: FarmClient,
  place: string,
  wish: Wish['source'] & { readonly format: Quantisation; readonly rows: readonly QualityRow[] },
): Promise<QuantisationReport> {
  const line = new ProgressLine();
  let report: QuantisationReport | undefined;
  for await (const value of client.doStream(`${place}/quantise`, wish, { signal })) {
    const progress = value as QuantisationProgress;
    if (json) printJson(progress);
    if (progress.stage === 'ready') report = progress.report;
    else if (!json) {
      const { stage, model, done, total } = progress;
      const counted =
        stage === 'making'
          ? `${formatBytes(done)} of ${formatBytes(total)}`
          : `${done} of ${total} questions`;
      line.update(`${model} ${stage}`, done, total, counted);
    }
  }
  line.end();
  if (report === undefined) throw new Error('the farm ended without a report');
  return report;
}

function reportLines(report: QuantisationReport, plan: QuantisationPlan): string[] {
  const rows = report.measures.map((one) => [
    one.model,
    formatBytes(one.model === report.model ? report.fileBytes : plan.fileBytes),
    formatBytes(one.memoryBytes),
    one.tokensPerSecond.toFixed(1),
    one.right === undefined ? '' : `${one.right} of ${report.rows}`,
  ]);
  const last = report.rows === 0 ? '' : 'right';
  return [
    ...formatTable([['model', 'file', 'memory', 'tokens/s', last], ...rows]),
    `The matrices lost ${(100 * report.weightError).toFixed(1)} % (root mean square).`,
    ...pairedLines(report),
    `${paint('green', '✓')} ${report.model} is installed; name it as a spoke's model.`,
  ];
}

function pairedLines({ onlyOriginal, onlyMade, probability, rows }: QuantisationReport): string[] {
  if (probability === undefined) return [];
  const words =
    probability < 0.05
      ? 'the original is better (exact test of McNemar, 5 %)'
      : 'that is no proof of a difference';
  return [
    `Only the original has ${onlyOriginal} of ${rows} right, only the new one ${onlyMade}: ${words}.`,
  ];
}
