import { type CanaryTrial, trialEnd } from '../../src/core/canary.ts';
import type { GradeReport } from '../../src/core/grade-report.ts';
import type { InstructionReport } from '../../src/core/instruction.ts';
import type { RankReport } from '../../src/core/rank-report.ts';
import type { SpecialistMove, SpecialistVersion } from '../../src/core/specialist.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { formatBytes, formatMoment, formatPercent } from './format.ts';
import type { ActWish, SpecialistAct } from './specialists-api.ts';

interface Props {
  readonly version: SpecialistVersion;
  /** The version that serves. */
  readonly live: number | null;
  /** Absent for who may not change the farm. */
  readonly onMove?: (act: SpecialistAct, wish: ActWish) => void;
}

/** A version with its figures, what became of it and why. */
export function SpecialistVersionRow({ version, live, onMove }: Props) {
  const { manifest, stage, problem, moves, bytesGone, watch, trial, standing } = version;
  const { report } = manifest;
  return (
    <li className="py-3" data-testid={`version-${manifest.version}`} data-stage={stage}>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <p className="text-sm">
          <strong>Version {manifest.version}</strong>{' '}
          <span
            className={`rounded-full px-2 py-0.5 text-xs ${stage === 'live' ? 'bg-primary text-primary-foreground' : 'bg-muted'}`}
          >
            {stage}
          </span>
        </p>
        {onMove && <Moves version={version} live={live} onMove={onMove} />}
      </div>
      <p className="mt-1 text-sm tabular-nums" data-testid="figures">
        {formatPercent(report.accuracy)} {rightWords(report)} ({formatPercent(report.accuracyLow)}{' '}
        to {formatPercent(report.accuracyHigh)}) of {report.evaluationRows}{' '}
        {report.measuredOn === 'test' ? 'test' : 'held-out'} {report.ranking ? 'queries' : 'rows'} ·{' '}
        {report.rung} · {bytesGone ? 'bytes gone' : formatBytes(report.bytes)} ·{' '}
        {report.msPerRequest < 0.01 ? 'under 0.01' : report.msPerRequest.toFixed(2)} ms a request
        {report.joules !== undefined && ` · about ${energyText(report.joules)}`}
      </p>
      <p className="text-xs wrap-anywhere text-muted-foreground">
        {report.rows} rows
        {report.labels.length > 0 && ` with ${report.labels.length} labels`}
        {report.grades && ` with numbers from ${report.grades.low} to ${report.grades.high}`}
        {report.ranking && ` for ${report.ranking.queries} queries`}, data{' '}
        {manifest.data.hash.slice(0, 12)} {manifest.data.name} · seed {manifest.seed}
        {manifest.parent !== null && ` · made while version ${manifest.parent} served`}
        {report.detectableGap !== null &&
          ` · underpowered: it would take ${formatPercent(report.detectableGap)} to see a difference`}
      </p>
      {report.grades && (
        <p className="mt-1 text-xs tabular-nums" data-testid="grades">
          {gradeLine(report.grades)}
        </p>
      )}
      {report.ranking && (
        <p className="mt-1 text-xs tabular-nums" data-testid="ranking">
          {rankLine(report.ranking)}
        </p>
      )}
      {report.rung === 'adapter' && (
        <p className="mt-1 text-xs" data-testid="instructions">
          {instructionLine(report.instructions ?? [])}
        </p>
      )}
      {report.generalist !== undefined && 'model' in report.generalist && (
        <p className="mt-1 text-xs" data-testid="generalist">
          Beside {report.generalist.model},{' '}
          {report.grades || report.rung === 'adapter' ? 'shown examples' : 'told the labels'}, on{' '}
          {report.generalist.rows} rows: {(100 * report.generalist.ownAccuracy).toFixed(1)} %
          against {(100 * report.generalist.accuracy).toFixed(1)} % right.
        </p>
      )}
      {report.comparison && (
        <p className="mt-1 text-xs" data-testid="comparison">
          Beside version {report.comparison.version}: {report.comparison.verdict}.{' '}
          {report.comparison.reasons.join('; ')}
        </p>
      )}
      {problem && <p className="mt-1 text-sm wrap-anywhere text-bad">{problem}</p>}
      {standing && (
        <p className="mt-1 text-sm wrap-anywhere" data-testid="standing">
          It {standing}.
        </p>
      )}
      {trial && <p className="mt-1 text-sm wrap-anywhere">{trialLine(trial)}</p>}
      {watch?.alarm && <p className="mt-1 text-sm wrap-anywhere text-bad">{watch.alarm}</p>}
      <ul className="mt-1 text-xs text-muted-foreground" data-testid="moves">
        {moves.map((move) => (
          <li key={`${move.at} ${move.act}`} className="wrap-anywhere">
            {formatMoment(move.at)}: {move.act} by {move.by}
            {verdictOf(move)} – {move.reason}
          </li>
        ))}
      </ul>
    </li>
  );
}

function gradeLine({ meanError, plainError, rankCorrelation }: GradeReport): string {
  const text = (value: number) => String(Number(value.toPrecision(3)));
  return `Off by ${text(meanError)} on average, always the middle number by ${text(plainError)}; rank correlation ${rankCorrelation.toFixed(2)}.`;
}

/** For which requests the gate chooses an adapter that they do not name. */
function instructionLine(instructions: readonly InstructionReport[]): string {
  if (instructions.length === 0)
    return 'Asked by its name alone: too few unseen rows say what is asked in the same words.';
  const each = instructions.map(({ place, length, rows, accuracy }) => {
    const where = place === 'system' ? 'the system text' : 'the first words';
    return `${where} of its rows (${length} characters): ${(100 * accuracy).toFixed(1)} % of ${rows} right`;
  });
  return `auto chooses it for requests with ${each.join('; ')}.`;
}

/** Modelled: busy CPU seconds × watts of a busy core. */
function energyText(joules: number): string {
  return joules < 1
    ? `${Number((1000 * joules).toPrecision(2))} mJ`
    : `${Number(joules.toPrecision(2))} J`;
}

function rightWords({ grades, ranking }: SpecialistVersion['manifest']['report']): string {
  if (ranking !== undefined) return 'with a relevant passage first';
  return grades === undefined ? 'right' : `within ${grades.tolerance}`;
}

function rankLine({ own, beside }: RankReport): string {
  const others = beside.map(
    ({ name, ndcg10, gain }) =>
      `${name} ${ndcg10.value.toFixed(3)} (gain ${gain.low.toFixed(3)} to ${gain.high.toFixed(3)})`,
  );
  return `nDCG@10 ${own.ndcg10.value.toFixed(3)}, MRR ${own.reciprocalRank.value.toFixed(3)}; nDCG@10 of ${others.join(', ')}.`;
}

function verdictOf({ verdict, isForced }: SpecialistMove): string {
  return verdict === undefined ? '' : ` (${isForced ? 'forced, ' : ''}${verdict})`;
}

function trialLine(trial: CanaryTrial): string {
  const { share, against, pairs, difference, left } = trial;
  const points = pairs === 0 ? '' : `, ${((100 * difference) / pairs).toFixed(1)} points beside it`;
  const others =
    left === undefined || left.pairs === 0
      ? ''
      : ` Of ${left.pairs} that nobody graded ${((100 * left.difference) / left.pairs).toFixed(1)} points more were left as they are.`;
  return `On trial with ${formatPercent(share)} of the requests beside version ${against}: ${pairs} graded answers${points}.${others} It ends on ${formatMoment(trialEnd(trial))} at the latest.`;
}

function Moves({ version, live, onMove }: Required<Props>) {
  const { manifest, stage, bytesGone } = version;
  const { name, version: number, report } = manifest;
  if (stage === 'live') return null;
  const passes = live === null || report.comparison?.passes === true;
  const force = passes ? {} : { force: true };
  return (
    <div className="flex gap-2">
      {!bytesGone && (
        <ConfirmButton
          label={passes ? 'Promote' : 'Promote anyway'}
          title={`Let version ${number} of ${name} serve?`}
          words={promotionWords(version, live)}
          onConfirm={() => onMove('promote', { version: number, ...force })}
        />
      )}
      {stage === 'candidate' && live !== null && manifest.kind !== 'rank' && (
        <ConfirmButton
          label="Shadow"
          title={`Ask version ${number} of ${name} unseen beside version ${live}?`}
          words="While the farm is idle it answers what the live version has answered; nobody is shown it."
          onConfirm={() => onMove('promote', { version: number, shadow: true })}
        />
      )}
      {(stage === 'candidate' || stage === 'shadow') && live !== null && (
        <ConfirmButton
          label="Try"
          title={`Try version ${number} of ${name} beside version ${live}?`}
          words="It answers 5 % of the requests; callers' grades decide whether it goes live or back."
          onConfirm={() => onMove('promote', { version: number, canary: true })}
        />
      )}
      {stage !== 'retired' && (
        <ConfirmButton
          label="Retire"
          title={`Retire version ${number} of ${name}?`}
          words="It can be asked for no more; it can be promoted later."
          onConfirm={() => onMove('retire', { version: number })}
        />
      )}
    </div>
  );
}

function promotionWords({ manifest }: SpecialistVersion, live: number | null): string {
  if (live === null) return 'No version serves now; every key may use this one from now on.';
  const { comparison } = manifest.report;
  const beside =
    comparison === null
      ? `It was not compared with version ${live}.`
      : `Beside version ${comparison.version} the comparison said: ${comparison.verdict}.`;
  return `It takes the place of version ${live} for every key. ${beside}`;
}
