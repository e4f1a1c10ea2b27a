import { join } from 'node:path';
import { readDataFile } from '../adapters/data-file.ts';
import { GateFiles } from '../adapters/stores/gate-files.ts';
import { CadreError } from '../core/errors.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import type { GateReport } from '../core/gate-report.ts';
import { makeCertificate } from '../gate/certificate.ts';
import type { TargetWish } from '../gate/certify-target.ts';
import { sliceOf } from '../gate/context.ts';
import { costCurve } from '../gate/curve.ts';
import { drawCurve } from '../gate/curve-picture.ts';
import { createStarterEstimator } from '../gate/estimator.ts';
import { readSurface } from '../gate/features.ts';
import { certifyAgain, type FittedGate, fitGate } from '../gate/fit-gate.ts';
import { type GradedFile, readGradedFile } from '../gate/graded-file.ts';
import { gradedTable } from '../gate/graded-table.ts';
import { type ModelList, readModelList } from '../gate/model-list.ts';
import type { Rivalry } from '../gate/rivals.ts';
import type { GateModel } from '../gate/success/gate-model.ts';
import { encodeGateModel } from '../gate/success/model-file.ts';
import { targetWords } from '../gate/wording.ts';
import { contentHash } from './content-hash.ts';
import { fitOwnChecker } from './gate-checker.ts';
import {
  compareWithIncumbent,
  incumbentOf,
  marksOf,
  promptMark,
  withJoined,
} from './gate-incumbent.ts';
import { VERSION } from './version.ts';

const DAY_MS = 86_400_000;

export interface GateFitWish {
  readonly home: string;
  /** JSON lines of graded requests; as a file plain or gzipped. */
  readonly file: string | { readonly text: string };
  /** JSON of the models and their prices. */
  readonly modelsFile?: string;
  readonly reference?: string;
  readonly alpha: number;
  readonly delta: number;
  /** What is to be kept instead of `alpha`. */
  readonly target?: TargetWish;
  readonly seed: number;
  /** The gate in force is not fitted again: it gets a new promise. */
  readonly certifyOnly?: boolean;
  /** Days that the certificate is in force. */
  readonly days: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface GateFitResult {
  readonly version: number;
  readonly report: GateReport;
  /** Where the curve was drawn. */
  readonly picture: string;
  /** Graded answers that the answer checker was fitted on; absent where the one that ships stays. */
  readonly checkedAnswers?: number;
  /** Beside the gate in force; absent where there is none to compare with. */
  readonly rivalry?: Rivalry;
}

/**
 * Fits and certifies a gate from graded requests and keeps it in the home, not in force yet. Throws
 * `invalid_request` for a file that cannot be used.
 */
export function fitGateInHome(wish: GateFitWish): GateFitResult {
  const { modelsFile } = wish;
  const files = new GateFiles(join(wish.home, 'gate'));
  const incumbent = wish.certifyOnly ? requireIncumbent(files) : undefined;
  const list = modelsFile === undefined ? undefined : readModelList(readDataFile(modelsFile));
  const text = typeof wish.file === 'string' ? readDataFile(wish.file) : wish.file.text;
  const name = typeof wish.file === 'string' ? wish.file : 'graded traffic';
  const file = readGradedFile(text, incumbent ? ofModels(incumbent.model, list) : list, name);
  const reference = incumbent?.model.reference ?? referenceOf(file, wish.reference);
  const prices = pricesOf(file, incumbent ? ofModels(incumbent.model, list).prices : list?.prices);
  requireAmounts(file, wish.target);
  const sliceOfPrompt = promptSlicer();
  const gateWish = {
    models: file.models,
    prices,
    reference,
    promise: { alpha: wish.alpha, delta: wish.delta },
    ...(wish.target === undefined ? {} : { target: wish.target }),
    seed: wish.seed,
    sliceOf: sliceOfPrompt,
  };
  const seen = incumbent === undefined ? undefined : marksOf(files, incumbent.version);
  const fitted = guarded(() =>
    incumbent === undefined
      ? fitGate(file.lines, gateWish)
      : certifyAgain(incumbent.model, unseen(file.lines, seen), gateWish),
  );
  const rivalry = incumbent ? undefined : compareWithIncumbent(files, fitted, wish);
  const data = contentHash(text);
  const report = reportOf(file, fitted, reference, { ...wish, data });
  const bytes = encodeGateModel(fitted.model);
  const certificate = certificateOf(fitted, contentHash(bytes), report, wish);
  const { quality, saved } = fitted;
  const own = fitOwnChecker(text, file.models, wish.seed);
  const version = files.add({
    'model.bin': bytes,
    'certificate.json': `${JSON.stringify(certificate, null, 2)}\n`,
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'curve.svg': drawCurve(costCurve(fitted.heldOut), titleOf(fitted, wish.delta), {
      cost: 1 - saved,
      quality: quality.gate,
    }),
    ...(own === undefined ? {} : { 'checker.json': `${JSON.stringify(own.checker, null, 2)}\n` }),
    'table.json': JSON.stringify(gradedTable(fitted.heldOut)),
    'fitted-prompts.json': JSON.stringify([...(seen ?? fitted.fittedPrompts.map(promptMark))]),
  });
  const picture = files.pathOf(version, 'curve.svg');
  return {
    version,
    report,
    picture,
    ...(own === undefined ? {} : { checkedAnswers: own.answers }),
    ...(rivalry === undefined ? {} : { rivalry }),
  };
}

function certificateOf(
  { promise, slices, target }: FittedGate,
  gate: string,
  { reference, models, data }: GateReport,
  { now, days }: GateFitWish,
): GateCertificate {
  return makeCertificate(
    {
      promise,
      slices,
      ...(target === undefined ? {} : { target }),
      reference,
      models,
      gate,
      data,
      madeAt: now,
      expiresAt: now + days * DAY_MS,
      code: VERSION,
    },
    contentHash,
  );
}

/** The gate in force with what joined it, to be certified anew. Throws `gate_not_found`, `gate_damaged`. */
function requireIncumbent(files: GateFiles) {
  const found = incumbentOf(files);
  if (found === undefined)
    throw new CadreError('gate_not_found', 'no fitted gate is in force that could be certified');
  const { version, bytes, model } = found;
  return { version, model: withJoined(files, version, model, contentHash(bytes)) };
}

/** Grades in the order of the gate's models, with the list's prices where it has them. */
function ofModels({ success }: GateModel, list: ModelList | undefined): ModelList {
  const prices = list?.prices;
  if (prices === undefined) return { models: success.models };
  const priceOf = (id: string) => prices[list?.models.indexOf(id) ?? -1] ?? 0;
  return { models: success.models, prices: success.models.map(priceOf) };
}

function unseen(lines: GradedFile['lines'], seen: ReadonlySet<string> | undefined) {
  return lines.filter(({ prompt }) => seen?.has(promptMark(prompt)) !== true);
}

/** Trouble with the rows is the caller's to mend. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new CadreError('invalid_request', error.message);
    throw error;
  }
}

function referenceOf({ models, lines }: GradedFile, wanted: string | undefined): number {
  if (wanted !== undefined) {
    const place = models.indexOf(wanted);
    if (place >= 0) return place;
    throw new CadreError(
      'invalid_request',
      `there is no model ${wanted} in the file; it has ${models.join(', ')}`,
    );
  }
  const means = models.map((_, model) => {
    const scores = lines.map((line) => line.scores[model] ?? Number.NaN).filter((one) => one >= 0);
    return scores.reduce((sum, one) => sum + one, 0) / Math.max(1, scores.length);
  });
  return means.indexOf(Math.max(...means));
}

function pricesOf({ models, lines }: GradedFile, listed: readonly number[] | undefined): number[] {
  if (listed !== undefined) return [...listed];
  const withCosts = lines.filter((line) => line.costs !== undefined);
  if (withCosts.length === 0)
    throw new CadreError(
      'invalid_request',
      'nothing says what the models cost: give `costs` in the lines, or their prices with --models FILE',
    );
  return models.map(
    (_, model) =>
      withCosts.reduce((sum, line) => sum + (line.costs?.[model] ?? 0), 0) / withCosts.length,
  );
}

/** A target is held against what requests really cost and took, not against a list of prices. */
function requireAmounts({ lines }: GradedFile, target: TargetWish | undefined): void {
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

/** The slice as `auto` tells it of a request: by the task that the starter's classifier reads. */
export function promptSlicer(): (prompt: string) => string {
  const starter = createStarterEstimator();
  return (prompt) => {
    const request = {
      model: 'auto',
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }],
      sampling: {},
    };
    return sliceOf(starter.estimate(request, readSurface(request)));
  };
}

const percent = (value: number) => `${Number((100 * value).toFixed(1))} %`;

function titleOf({ saved, lossBound }: FittedGate, delta: number): string {
  return `${percent(saved)} saved, loss at most ${percent(lossBound)} (${percent(1 - delta)} confidence)`;
}

function reportOf(
  { models, duplicates }: GradedFile,
  { model, heldOut, fittedRows, quality, keptCheap, saved, lossBound, target }: FittedGate,
  reference: number,
  { now, seed, data, delta }: GateFitWish & { readonly data: string },
): GateReport {
  const name = models[reference] ?? '';
  const kept = target === undefined ? '' : `${targetWords(target)}: `;
  const { newcomers } = model.success;
  const words =
    lossBound === 0 && saved === 0
      ? `nothing would have been saved: too little is known to leave ${name}`
      : `${kept}you would have saved ${percent(saved)} at a loss of at most ${percent(lossBound)} of what ${name} gets right (${percent(1 - delta)} confidence)`;
  return {
    version: 1,
    madeAt: new Date(now).toISOString(),
    data,
    seed,
    code: VERSION,
    models: [...models],
    reference: name,
    rows: { fitted: fittedRows, heldOut: heldOut.rows.length, duplicates },
    quality,
    keptCheap,
    saved,
    lossBound,
    ...(newcomers ? { joined: newcomers.map(({ id, rows }) => ({ model: id, rows })) } : {}),
    words,
  };
}
