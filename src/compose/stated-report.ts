import type { SpecialistReport } from '../core/specialist.ts';
import type { TrainingJobBody } from '../core/training-job.ts';

/**
 * The report with what this farm knows beside the figures: joules of one request (modelled, `watts` of
 * all cores that it keeps busy) and, of rows that a model wrote, that they are synthetic.
 */
export function statedReport(
  report: SpecialistReport,
  order: Pick<TrainingJobBody['order'], 'described'>,
  watts: number,
): SpecialistReport {
  const joules = Number(((report.msPerRequest / 1000) * watts).toPrecision(3));
  return { ...describedReport(report, order), joules };
}

/** Of rows that a model wrote the card says so, before anything else that is to be looked at. */
function describedReport(
  report: SpecialistReport,
  { described }: Pick<TrainingJobBody['order'], 'described'>,
): SpecialistReport {
  if (described === undefined) return report;
  const { model, confirmed } = described;
  const who =
    confirmed === 0
      ? 'nobody confirmed a sample of them'
      : `a person confirmed a sample of ${confirmed}`;
  const on =
    report.measuredOn === 'test'
      ? ''
      : '; it is measured on such rows, of which real ones may differ: measure with --test on some';
  const words = `synthetic: ${model} wrote its rows by a description, and ${who}${on}`;
  return { ...report, warnings: [words, ...report.warnings] };
}
