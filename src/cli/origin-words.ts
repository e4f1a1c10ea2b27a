import type { AnswerOrigin } from '../core/answer-origin.ts';
import { safeLine } from './terminal.ts';

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
  ].map((line) => `  ${safeLine(line)}`);
}
