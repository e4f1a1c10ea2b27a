import { type CanaryTrial, trialEnd } from '../core/canary.ts';
import { formatBytes } from '../core/format-bytes.ts';
import type { InstructionReport } from '../core/instruction.ts';
import type {
  RungReport,
  SpecialistLineage,
  SpecialistReport,
  SpecialistVersion,
} from '../core/specialist.ts';
import { formatTable, safeLine } from './terminal.ts';

/** The card of a specialist, line by line. */
export function cardLines(version: string, report: SpecialistReport): string[] {
  const isAdapter = report.rung === 'adapter';
  const left = report.leftOut.reduce((sum, one) => sum + one.count, 0);
  return [
    ...pairLines([
      ['specialist', version],
      ['rows', `${report.rows}${contentWords(report)}${left > 0 ? `; ${left} left out` : ''}`],
      ['accuracy', accuracyWords(report)],
      ...fieldPairs(report),
      ...gradePairs(report),
      ...rankPairs(report),
      ...(isAdapter ? adapterPairs(report) : confidencePairs(report)),
      ['size', formatBytes(report.bytes)],
      [
        'time',
        `${report.msPerRequest < 0.01 ? 'under 0.01' : report.msPerRequest.toFixed(2)} ms per request (${report.rung})${energyWords(report)}`,
      ],
    ]),
    ...leftOutLines(report),
    ...report.warnings.map((warning) => `note: ${safeLine(warning)}`),
    ...underpowered(report),
    ...comparisonLines(report),
    ...generalistLines(report),
  ];
}

function energyWords({ joules }: SpecialistReport): string {
  if (joules === undefined) return '';
  const [amount, unit] = joules < 1 ? [1000 * joules, 'mJ'] : [joules, 'J'];
  return `, about ${amount < 0.01 ? 'under 0.01' : Number(amount.toPrecision(2))} ${unit} of energy (modelled)`;
}

/** Share of the measured rows that it has right, and what right is. */
function accuracyWords(report: SpecialistReport): string {
  const { accuracy, accuracyLow, accuracyHigh, evaluationRows, measuredOn, grades } = report;
  const what = report.ranking ? ' with a relevant passage first' : '';
  const within = grades ? ` within ${grades.tolerance}` : '';
  const rows = report.ranking ? 'queries' : 'rows';
  return `${percent(accuracy)}${within}${what} (95 %: ${percent(accuracyLow)} – ${percent(accuracyHigh)}) on ${evaluationRows} ${measuredOn === 'test' ? 'test' : 'held-out'} ${rows}`;
}

/** What its base answers as it is, on the first of the same rows, and which requests the gate gives it. */
function adapterPairs({ rungs: [base], instructions = [] }: SpecialistReport): [string, string][] {
  return [
    ...(base === undefined ? [] : [basePair(base)]),
    ...(instructions.length === 0 ? [UNCHOSEN] : instructions.map(instructionPair)),
  ];
}

const UNCHOSEN: [string, string] = [
  'auto',
  'does not choose it: too few unseen rows say what is asked in the same words',
];

function instructionPair(instruction: InstructionReport): [string, string] {
  const { place, length, rows, accuracy } = instruction;
  const where = place === 'system' ? 'with the system text' : 'that begin with the words';
  return [
    'auto',
    `chooses it for requests ${where} of its rows (${length} characters): ${percent(accuracy)} of ${rows} such rows right`,
  ];
}

function basePair({ rung, accuracy, accuracyLow, accuracyHigh }: RungReport): [string, string] {
  return [
    'without it',
    `${percent(accuracy)} (95 %: ${percent(accuracyLow)} – ${percent(accuracyHigh)}), ${rung} as it is`,
  ];
}

function confidencePairs(report: SpecialistReport): [string, string][] {
  return [
    ['calibration', `off by ${(100 * report.calibrationError).toFixed(1)} points on average`],
    ...((report.fields ?? report.grades ?? report.ranking) ? [] : labelPairs(report)),
  ];
}

function labelPairs(report: SpecialistReport): [string, string][] {
  return [
    [
      'answered',
      `${percent(report.answeredShare)} of them, ${percent(report.servedAccuracy / Math.max(report.answeredShare, 1e-9))} of these rightly; the others are called none of these`,
    ],
    [
      'other texts',
      `told apart with an area of ${report.outOfScopeArea.toFixed(3)} under the curve`,
    ],
  ];
}

/** What its rows hold. */
function contentWords({ rung, labels, grades, ranking }: SpecialistReport): string {
  if (rung === 'adapter') return '';
  if (ranking !== undefined) return ` for ${ranking.queries} queries`;
  if (grades === undefined) return ` with ${labels.length} labels`;
  const { low, high, step } = grades;
  return ` with numbers from ${low} to ${high}${step === null ? '' : ` in steps of ${step}`}`;
}

/** How far the numbers are off, and whether what is higher gets a higher one. */
function gradePairs({ grades }: SpecialistReport): [string, string][] {
  if (grades === undefined) return [];
  const text = (value: number) => String(Number(value.toPrecision(3)));
  const { meanError, meanErrorLow, meanErrorHigh, plainError } = grades;
  const { rankCorrelation, rankCorrelationLow, rankCorrelationHigh } = grades;
  return [
    [
      'off by',
      `${text(meanError)} on average (95 %: ${text(meanErrorLow)} – ${text(meanErrorHigh)}); always the middle number is off by ${text(plainError)}`,
    ],
    [
      'order',
      `Spearman ${rankCorrelation.toFixed(3)} (95 %: ${rankCorrelationLow.toFixed(3)} – ${rankCorrelationHigh.toFixed(3)})`,
    ],
  ];
}

/** How good the order is, beside those that cost nothing to make. */
function rankPairs({ ranking }: SpecialistReport): [string, string][] {
  if (ranking === undefined) return [];
  const text = (value: number) => value.toFixed(3);
  const { ndcg10, reciprocalRank } = ranking.own;
  return [
    [
      'order',
      `nDCG@10 ${text(ndcg10.value)} (95 %: ${text(ndcg10.low)} – ${text(ndcg10.high)}), MRR ${text(reciprocalRank.value)}, ${ranking.passages.toFixed(1)} passages a query`,
    ],
    ...ranking.beside.map(({ name, gain, ...other }): [string, string] => [
      'beside',
      `${name}: nDCG@10 ${text(other.ndcg10.value)}, MRR ${text(other.reciprocalRank.value)}, ${percent(other.first.value)} first; ${signed(gain.value)} nDCG (95 %: ${signed(gain.low)} … ${signed(gain.high)})`,
    ]),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** A text counts as right where all its fields are; F1 counts them one by one. */
function fieldPairs({ fields = [] }: SpecialistReport): [string, string][] {
  return fields.map(({ label, f1, low, high, spans }) => [
    label ?? 'all fields',
    `F1 ${f1.toFixed(3)} (95 %: ${low.toFixed(3)} – ${high.toFixed(3)}) of ${spans}`,
  ]);
}

function leftOutLines({ leftOut }: SpecialistReport): string[] {
  return leftOut.flatMap(({ reason, count, samples }) => [
    `left out: ${count} ${safeLine(reason)}`,
    ...samples.map((sample) => `  ${safeLine(sample)}`),
  ]);
}

function underpowered({ detectableGap, evaluationRows }: SpecialistReport): string[] {
  if (detectableGap === null) return [];
  return [
    `underpowered: ${evaluationRows} evaluation rows show a difference of ${(100 * detectableGap).toFixed(1)} points to another model with 80 % probability; 1,000 show less`,
  ];
}

function comparisonLines({ comparison }: SpecialistReport): string[] {
  if (comparison === null) return [];
  const { version, rows, accuracy, incumbentAccuracy, differenceLow, differenceHigh } = comparison;
  const figures =
    rows === 0
      ? ''
      : `: ${percent(accuracy)} against ${percent(incumbentAccuracy)} right as served, ${points(accuracy - incumbentAccuracy)} points (95 %: ${points(differenceLow)} … ${points(differenceHigh)})`;
  return [
    `beside version ${version} on ${rows} rows${figures}`,
    `verdict: ${comparison.verdict}${comparison.passes ? ', may take its place' : ''}`,
    ...comparison.reasons.map((reason) => `  ${safeLine(reason)}`),
  ];
}

function generalistLines({ generalist, msPerRequest, grades, rung }: SpecialistReport): string[] {
  if (generalist === undefined) return [];
  if ('notAsked' in generalist)
    return [`no generalist beside it: ${safeLine(generalist.notAsked)}`];
  const { model, rows, ownAccuracy, accuracy, differenceLow, differenceHigh } = generalist;
  const told = grades || rung === 'adapter' ? 'shown examples' : 'told the labels';
  const times = generalist.msPerAnswer / Math.max(msPerRequest, 0.01);
  const time =
    times < 1.5
      ? `${(1 / times).toFixed(1)} times`
      : `1/${Math.round(times).toLocaleString('en')} of`;
  return [
    `beside ${safeLine(model)}, ${told}, on ${rows} rows: ${percent(ownAccuracy)} against ${percent(accuracy)} right, ${points(ownAccuracy - accuracy)} points (95 %: ${points(differenceLow)} … ${points(differenceHigh)}), in ${time} its time`,
  ];
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
}

/** Versions with their figures, newest first, and every move with its reason. */
export function lineageLines({ name, live, versions }: SpecialistLineage): string[] {
  return [
    `${safeLine(name)}: ${live === null ? 'no version serves' : `version ${live} serves`}`,
    ...formatTable([
      ['version', 'stage', 'parent', 'rows', 'accuracy', 'rung', 'size', 'data', 'made'],
      ...versions.map(rowOf),
    ]),
    ...versions.flatMap(({ manifest, moves, problem, standing, trial, watch }) => [
      ...(watch?.alarm === undefined ? [] : [`${manifest.version}: ${safeLine(watch.alarm)}`]),
      ...(problem === undefined ? [] : [`${manifest.version}: ${safeLine(problem)}`]),
      ...generalistLines(manifest.report).map((line) => `${manifest.version}: ${line}`),
      ...(standing === undefined ? [] : [`${manifest.version}: ${safeLine(standing)}`]),
      ...(trial === undefined ? [] : [`${manifest.version}: ${trialLine(trial)}`]),
      ...moves.map(
        ({ at, from, to, by, reason, verdict, isForced }) =>
          `${manifest.version}: ${dateOf(at)} ${from} → ${to} by ${safeLine(by)}${verdict === undefined ? '' : ` (${isForced ? 'forced, ' : ''}${verdict})`}: ${safeLine(reason)}`,
      ),
    ]),
  ];
}

function trialLine(trial: CanaryTrial): string {
  const { share, against, pairs, difference, left } = trial;
  const others =
    left === undefined || left.pairs === 0
      ? ''
      : `; of ${left.pairs} that nobody graded ${points(left.difference / left.pairs)} points more were left as they are`;
  const beside = pairs === 0 ? '' : `, ${points(difference / pairs)} points beside it`;
  return `on trial with ${percent(share)} of the requests beside version ${against} until ${dateOf(trialEnd(trial))} at the latest: ${pairs} graded answers${beside}${others}`;
}

/** How the trials of a specialist stand, shown or not, and why the last ones ended. */
export function trialLines({ name, versions }: SpecialistLineage): string[] {
  return versions.flatMap(({ manifest, moves, standing, trial }) => {
    const version = safeLine(`${name}@${manifest.version}`);
    if (standing !== undefined) return [`${version}: ${safeLine(standing)}`];
    if (trial !== undefined) return [`${version}: ${trialLine(trial)}`];
    const last = moves.at(-1);
    if (last?.from !== 'canary') return [];
    return [`${version}: ${dateOf(last.at)} canary → ${last.to}: ${safeLine(last.reason)}`];
  });
}

function rowOf({ manifest, stage, bytesGone }: SpecialistVersion): string[] {
  const { report } = manifest;
  return [
    String(manifest.version),
    stage,
    manifest.parent === null ? '–' : String(manifest.parent),
    String(report.rows),
    `${percent(report.accuracy)} of ${report.evaluationRows}`,
    report.rung,
    bytesGone ? 'bytes gone' : formatBytes(report.bytes),
    `${manifest.data.hash.slice(0, 12)} ${safeLine(manifest.data.name)}`.trim(),
    dateOf(manifest.madeAt),
  ];
}

function pairLines(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.map(([name, value]) => `${name.padEnd(12)} ${safeLine(value)}`);
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
