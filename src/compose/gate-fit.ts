import { join } from 'node:path';
import { readDataFile } from '../adapters/data-file.ts';
import { GateFiles } from '../adapters/stores/gate-files.ts';
import { CadreError } from '../core/errors.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import type { GateReport } from '../core/gate-report.ts';
import { makeCertificate } from '../gate/certificate.ts';
import { sliceOf } from '../gate/context.ts';
import { costCurve } from '../gate/curve.ts';
import { drawCurve } from '../gate/curve-picture.ts';
import { createStarterEstimator } from '../gate/estimator.ts';
import { readSurface } from '../gate/features.ts';
import { certifyAgain, type FittedGate, fitGate } from '../gate/fit-gate.ts';
import { type GradedFile, readGradedFile } from '../gate/graded-file.ts';
import { gradedTable } from '../gate/graded-table.ts';
import { readModelList } from '../gate/model-list.ts';
import type { Rivalry } from '../gate/rivals.ts';
import { encodeGateModel, encodeJoined } from '../gate/success/model-file.ts';
import { targetWords } from '../gate/wording.ts';
import { contentHash } from './content-hash.ts';
import { fitOwnChecker } from './gate-checker.ts';
import { compareWithIncumbent, JOINED_FILE, marksOf, promptMark } from './gate-incumbent.ts';
import {
  compareWithPromise,
  type PromiseWish,
  promiseOf,
  type Renewal,
  type Renewed,
  requireIncumbent,
} from './gate-renewal.ts';
import {
  pricesOf,
  pricesOfGate,
  readForGate,
  referenceOf,
  requireAmounts,
  requireRows,
} from './graded-input.ts';
import { VERSION } from './version.ts';

const DAY_MS = 86_400_000;

export interface GateFitWish extends PromiseWish {
  readonly home: string;
  /** JSON lines of graded requests; as a file plain or gzipped. */
  readonly file: string | { readonly text: string };
  /** JSON of the models and their prices. */
  readonly modelsFile?: string;
  readonly reference?: string;
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
  /** Beside the promise in force; absent where a gate was fitted. */
  readonly renewal?: Renewal;
}

/**
 * Fits and certifies a gate from graded requests and keeps it in the home, not in force yet. Throws
 * `invalid_request` for a file that cannot be used.
 */
export function fitGateInHome(wish: GateFitWish): GateFitResult {
  const files = new GateFiles(join(wish.home, 'gate'));
  const renewed = wish.certifyOnly ? requireIncumbent(files) : undefined;
  const text = typeof wish.file === 'string' ? readDataFile(wish.file) : wish.file.text;
  const seen = renewed === undefined ? undefined : marksOf(files, renewed.version);
  const { file, prices, reference, measured } = inputOf(wish, text, renewed, seen);
  const promise = promiseOf(wish, renewed?.certificate);
  requireAmounts(file, promise.target);
  const gateWish = {
    ...promise,
    models: file.models,
    prices,
    reference,
    seed: wish.seed,
    sliceOf: promptSlicer(),
  };
  const fitted = guarded(() =>
    measured === undefined
      ? fitGate(file.lines, gateWish)
      : certifyAgain(measured, file.lines, gateWish),
  );
  const data = contentHash(text);
  const facts = { ...wish, data, delta: promise.promise.delta };
  const report = reportOf(file, fitted, reference, facts);
  const bytes = encodeGateModel(fitted.model);
  const gate = contentHash(bytes);
  const certificate = certificateOf(fitted, gate, report, wish);
  const rivalry = renewed ? undefined : compareWithIncumbent(files, fitted, wish);
  const renewal =
    renewed &&
    compareWithPromise(files, renewed, { fresh: certificate, heldOut: fitted.heldOut }, wish.now);
  const own = fitOwnChecker(text, file.models, wish.seed);
  const { quality, saved } = fitted;
  const version = files.add({
    'model.bin': bytes,
    // Those that joined and that these rows do not grade stay beside the certificate.
    ...(renewed && renewed.model.success.models.length > fitted.model.success.models.length
      ? { [JOINED_FILE]: encodeJoined(renewed.model, gate) }
      : {}),
    'certificate.json': `${JSON.stringify(certificate, null, 2)}\n`,
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'curve.svg': drawCurve(costCurve(fitted.heldOut), titleOf(fitted, facts.delta), {
      cost: 1 - saved,
      quality: quality.gate,
    }),
    ...(own === undefined ? {} : { 'checker.json': `${JSON.stringify(own.checker, null, 2)}\n` }),
    'table.json': JSON.stringify(gradedTable(fitted.heldOut)),
    'fitted-prompts.json': JSON.stringify([...(seen ?? fitted.fittedPrompts.map(promptMark))]),
  });
  return {
    version,
    report,
    picture: files.pathOf(version, 'curve.svg'),
    ...(own === undefined ? {} : { checkedAnswers: own.answers }),
    ...(rivalry === undefined ? {} : { rivalry }),
    ...(renewal === undefined ? {} : { renewal }),
  };
}

/** The rows as the gate can use them. `measured`: the gate in force, as far as these rows grade it. */
function inputOf(
  { file: source, modelsFile, reference: wanted }: GateFitWish,
  text: string,
  renewed: Renewed | undefined,
  seen: ReadonlySet<string> | undefined,
) {
  const list = modelsFile === undefined ? undefined : readModelList(readDataFile(modelsFile));
  const name = typeof source === 'string' ? source : 'graded traffic';
  if (renewed === undefined) {
    const file = readGradedFile(text, list, name);
    requireRows(file, name);
    const reference = referenceOf(file, wanted);
    return { file, reference, measured: undefined, prices: pricesOf(file, list?.prices, text) };
  }
  if (wanted !== undefined)
    throw new CadreError(
      'invalid_request',
      'a gate is certified against the reference that it was fitted with; `cadre gate fit --reference` takes another',
    );
  const { file, measured } = readForGate(text, renewed.model, {
    name,
    isNew: (prompt) => seen?.has(promptMark(prompt)) !== true,
  });
  const prices = pricesOf(file, pricesOfGate(measured, list), text);
  return { file, reference: renewed.model.reference, measured, prices };
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

/** Trouble with the rows is the caller's to mend. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new CadreError('invalid_request', error.message);
    throw error;
  }
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

interface FitFacts {
  readonly now: number;
  readonly seed: number;
  /** SHA-256 of the graded requests. */
  readonly data: string;
  readonly delta: number;
}

function reportOf(
  { models, duplicates }: GradedFile,
  { model, heldOut, fittedRows, quality, keptCheap, saved, lossBound, target }: FittedGate,
  reference: number,
  { now, seed, data, delta }: FitFacts,
): GateReport {
  const name = models[reference] ?? '';
  const kept = target === undefined ? '' : `${targetWords(target)}: `;
  const { newcomers } = model.success;
  const words =
    lossBound === 0 && saved === 0
      ? target === undefined
        ? `nothing would have been saved: too little is known to leave ${name}`
        : `nothing would have been saved: ${name} alone keeps the target (${targetWords(target)}), so nothing has to be lost for it`
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
