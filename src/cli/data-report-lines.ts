import type { DataFinding, DataReport } from '../core/data-report.ts';
import { sampleLine } from '../main.ts';
import { safeLine } from './terminal.ts';

const LANGUAGES_SHOWN = 6;

/** A report for people: figures, then findings with some rows of each. */
export function reportLines(report: DataReport, samplesShown: number): string[] {
  const { figures, findings } = report;
  const { lengths } = figures;
  return [
    `${figures.rows} rows with ${figures.labels.length} labels (of ${figures.read} read); ${figures.distinct} different texts, ${figures.kept} without near-duplicates`,
    `texts of ${lengths.least} to ${lengths.most} characters, half up to ${lengths.median}; ${languages(report)}`,
    ...report.notes.map((note) => `note: ${safeLine(note)}`),
    '',
    ...(findings.length === 0 ? ['nothing found'] : []),
    ...findings.flatMap((finding) => findingLines(finding, samplesShown)),
  ];
}

function languages({ figures }: DataReport): string {
  return figures.languages
    .slice(0, LANGUAGES_SHOWN)
    .map(({ language, rows }) => {
      const share = ((100 * rows) / Math.max(1, figures.languageRows)).toFixed(1);
      return `${language === 'unknown' ? 'too short to tell' : language} ${share} %`;
    })
    .join(', ');
}

function findingLines(finding: DataFinding, samplesShown: number): string[] {
  const { rule, severity, count, message, remedy, samples } = finding;
  const shown = samples.slice(0, samplesShown);
  return [
    `${severity} ${rule}: ${count} – ${safeLine(message)}`,
    ...shown.map((sample) => `  ${safeLine(sampleLine(sample))}`),
    ...(shown.length < samples.length && shown.length > 0
      ? [`  and ${count - shown.length} more (--show N, --json)`]
      : []),
    `  → ${remedy}`,
  ];
}
