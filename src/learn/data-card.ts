import type { DataFinding, DataReport } from '../core/data-report.ts';
import type { SplitReport } from '../core/data-work.ts';
import { sampleLine } from './data-lint.ts';

/** What a person says of a set, since no row does. */
export interface CardFields {
  readonly title: string;
  readonly source?: string;
  readonly licence?: string;
  readonly purpose?: string;
  readonly contact?: string;
  readonly split?: SplitReport;
}

const LABELS_SHOWN = 200;
const SAMPLES_SHOWN = 3;
const NOT_SAID = 'not said';

/**
 * A data card in Markdown, after Gebru et al., “Datasheets for datasets” (CACM 2021), cut to what rows
 * and a person can say. What was not said is told as such.
 */
export function cardText(report: DataReport, fields: CardFields): string {
  const { figures, findings } = report;
  return [
    `# ${plain(fields.title)}`,
    '',
    ...table([
      ['what', 'value'],
      ['file', report.file],
      ['SHA-256 of the file', report.hash],
      ['encoding', report.encoding],
      ['rows', `${figures.rows} with text and label, of ${figures.read} read`],
      ['different texts', `${figures.distinct}; ${figures.kept} without near-duplicates`],
      ['labels', String(figures.labels.length)],
      ['characters per text', lengthWords(figures.lengths)],
      ['languages', languageWords(report)],
      ['source', fields.source ?? NOT_SAID],
      ['licence', fields.licence ?? NOT_SAID],
      ['made for', fields.purpose ?? NOT_SAID],
      ['contact', fields.contact ?? NOT_SAID],
    ]),
    ...splitLines(fields.split),
    '## Findings',
    '',
    ...(findings.length === 0 ? ['None of the rules found anything.', ''] : []),
    ...findings.flatMap(findingLines),
    ...report.notes.map((note) => `- ${plain(note)}`),
    ...(report.notes.length === 0 ? [] : ['']),
    '## Labels',
    '',
    ...table([
      ['label', 'rows', 'share'],
      ...figures.labels
        .slice(0, LABELS_SHOWN)
        .map(({ label, rows }) => [
          label,
          String(rows),
          `${((100 * rows) / figures.rows).toFixed(1)} %`,
        ]),
    ]),
    ...(figures.labels.length > LABELS_SHOWN
      ? [`${figures.labels.length - LABELS_SHOWN} more labels have fewer rows.`, '']
      : []),
  ].join('\n');
}

function findingLines({ rule, severity, count, message, remedy, samples }: DataFinding): string[] {
  return [
    `- **${rule}** (${severity}, ${count}): ${plain(message)}. ${remedy}`,
    ...samples.slice(0, SAMPLES_SHOWN).map((sample) => `  - ${plain(sampleLine(sample))}`),
    '',
  ];
}

function splitLines(split: SplitReport | undefined): string[] {
  if (split === undefined) return [];
  const { train, test, leftOut } = split;
  const by = split.column === undefined ? split.by : `${split.by} (column ${split.column})`;
  return [
    '## Split',
    '',
    `By ${plain(by)}, seed ${split.seed}, ${Math.round(100 * split.share)} % wanted for the test${split.cut === undefined ? '' : `, from ${split.cut} on`}; rows that overlap by ${split.near} or more are on one side.`,
    '',
    ...table([
      ['part', 'rows', 'SHA-256'],
      ['train', String(train.rows), train.hash],
      ['test', String(test.rows), test.hash],
      ['in neither', String(leftOut.rows), leftOut.hash],
    ]),
    ...(split.detectableGap === null
      ? []
      : [
          `Underpowered: ${test.rows} test rows show a difference of ${(100 * split.detectableGap).toFixed(1)} points between two models with 80 % probability (at 90 % accuracy); 1,000 show less.`,
          '',
        ]),
  ];
}

function lengthWords({ least, median, p95, most }: DataReport['figures']['lengths']): string {
  return `${least} to ${most}, half up to ${median}, 95 % up to ${p95}`;
}

function languageWords({ figures }: DataReport): string {
  const { languages, languageRows } = figures;
  const shown = languages.slice(0, 8).map(({ language, rows }) => {
    const share = ((100 * rows) / Math.max(1, languageRows)).toFixed(1);
    return `${language === 'unknown' ? 'too short to tell' : language} ${share} %`;
  });
  return shown.join(', ');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...rest] = rows.map((row) => `| ${row.map(plain).join(' | ')} |`);
  return [String(head), `|${(rows[0] ?? []).map(() => '---').join('|')}|`, ...rest, ''];
}

/** On one line, and nothing in it is Markdown. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\|<>*_`[\]]/g, '\\$&');
}
