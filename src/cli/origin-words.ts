import type { AnswerOrigin } from '../core/answer-origin.ts';
import type { nearRowsOfFile } from '../main.ts';
import { safeLine } from './terminal.ts';

/** Characters of a row. */
const SHOWN = 100;

const PROVENANCES: Readonly<Record<AnswerOrigin['data']['provenance'], string>> = {
  file: 'a file of the machine',
  upload: 'an uploaded file',
  traffic: 'kept requests',
  description: 'rows written by a description',
};

/** What taught the specialist that answered, line by line. */
export function originLines(origin: AnswerOrigin): string[] {
  const { specialist, stage, parent, job, madeAt, code, seed, rows, data, taughtHash } = origin;
  const name = data.name === '' ? '' : ` ${data.name},`;
  const sources = Object.entries(data.sources ?? {}).map(([source, count]) => `${count} ${source}`);
  const described =
    data.described === undefined
      ? []
      : [`written by ${data.described.model}, ${data.described.confirmed} rows confirmed`];
  return [
    `${specialist} answered; it is ${stage} now`,
    `from ${rows} rows:${name} ${PROVENANCES[data.provenance]}, SHA-256 ${data.hash}`,
    ...(sources.length === 0 ? [] : [`labels by ${sources.join(', ')}`]),
    ...described,
    `made ${new Date(madeAt).toISOString().slice(0, 19)} by ${job}, Cadre ${code}, seed ${seed}${parent === null ? '' : `, after version ${parent}`}`,
    `it keeps no rows, only their keys, SHA-256 ${taughtHash}`,
    ...(data.provenance === 'traffic'
      ? []
      : ['`--rows FILE --text T` shows the rows nearest to what was asked']),
  ].map((line) => `  ${safeLine(line)}`);
}

type NearRows = ReturnType<typeof nearRowsOfFile>;

/** The rows of a file that are nearest to what was asked, and whether it is the file that taught. */
export function nearLines({ hash, rows }: NearRows, { data }: AnswerOrigin): string[] {
  const same =
    hash === data.hash
      ? 'of the very file that taught it'
      : `of another file than the one that taught it (SHA-256 ${hash})`;
  if (rows.length === 0) return [`  ${same}: none has a word of what was asked`];
  return [
    `  ${same}:`,
    ...rows.map(
      ({ row, label, likeness, text }) =>
        `  ${likeness.toFixed(2)}  row ${row}  ${short(label)}  “${short(text)}”`,
    ),
  ];
}

function short(text: string): string {
  const line = safeLine(text);
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN)}…`;
}
