import { CadreError } from '../core/errors.ts';

/** A claim, the sentences it should stand on, and what people say of it. */
export interface GroundingRow {
  readonly claim: string;
  readonly evidence: readonly string[];
  readonly isSupported: boolean;
  readonly isContradicted: boolean;
  /** Indices of supporting sentences, 0 is the first; absent where nobody named any. */
  readonly gold?: readonly number[];
  /** A kind of text that is taught apart from others. */
  readonly set?: string;
}

export interface GroundingRows {
  readonly rows: readonly GroundingRow[];
  /** Rows that say nothing that could be checked (BEGIN's `Generic`). */
  readonly genericLeftOut: number;
  /** Number of the first sentence in `gold`, and how that was found out; absent without gold. */
  readonly goldBase?: { readonly first: 0 | 1; readonly reason: string };
}

const SUPPORTED = 'supported';
const GENERIC = 'generic';

/**
 * Reads JSON lines {claim, evidence: [sentence …], label, gold?, set?}. The label `supported` is
 * positive, `Generic` is left out, anything else is negative (one with “contradict” in it says that
 * the evidence says the opposite). `gold` holds numbers of supporting sentences, also as a list of
 * lists; they begin at 0 where a 0 occurs in the file, at 1 where the number of the last sentence
 * plus one does, else at 0 as in WiCE. Throws `invalid_request` with file and line.
 */
export function readGroundingRows(text: string, file: string): GroundingRows {
  const read = text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    return readRow(line, `${file} line ${at + 1}`);
  });
  if (read.length === 0) throw invalid(`${file} holds no rows`);
  const rows = read.filter((row) => row.label !== GENERIC);
  const labels = [...new Set(rows.map((row) => row.label))];
  if (!labels.includes(SUPPORTED))
    throw invalid(
      `${file}: no row has the label “${SUPPORTED}” (there are: ${labels.slice(0, 5).join(', ')})`,
    );
  if (labels.length === 1) throw invalid(`${file}: every row has the label “${SUPPORTED}”`);
  const goldBase = findBase(rows, file);
  return {
    rows: rows.map(({ label, gold, where, ...row }) => ({
      ...row,
      isSupported: label === SUPPORTED,
      isContradicted: label.includes('contradict'),
      ...(gold.length === 0
        ? {}
        : { gold: gold.map((number) => checkGold(number, goldBase?.first ?? 0, row, where)) }),
    })),
    genericLeftOut: read.length - rows.length,
    ...(goldBase === undefined ? {} : { goldBase }),
  };
}

interface ReadRow {
  readonly claim: string;
  readonly evidence: readonly string[];
  readonly label: string;
  readonly gold: readonly number[];
  readonly set?: string;
  readonly where: string;
}

function readRow(line: string, where: string): ReadRow {
  const { claim, evidence, label, gold = [], set } = parseObject(line, where);
  if (typeof claim !== 'string' || claim.trim() === '')
    throw invalid(`${where}: “claim” is no text`);
  if (!isTexts(evidence)) throw invalid(`${where}: “evidence” is no list of sentences (texts)`);
  if (typeof label !== 'string') throw invalid(`${where}: “label” is no text`);
  const numbers: unknown = Array.isArray(gold) ? gold.flat(2) : gold;
  if (!isNumbers(numbers)) throw invalid(`${where}: “gold” is no list of sentence numbers`);
  if (set !== undefined && typeof set !== 'string') throw invalid(`${where}: “set” is no text`);
  return {
    claim,
    evidence,
    label: label.trim().toLowerCase(),
    gold: [...new Set(numbers)],
    ...(set === undefined ? {} : { set }),
    where,
  };
}

function parseObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(`${where} is no JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${where} is no JSON object {claim, evidence, label, gold?}`);
  return value as Record<string, unknown>;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isInteger(one) && one >= 0);
}

function findBase(rows: readonly ReadRow[], file: string): GroundingRows['goldBase'] {
  const withGold = rows.filter((row) => row.gold.length > 0);
  if (withGold.length === 0) return undefined;
  const zero = withGold.find((row) => row.gold.includes(0));
  const beyond = withGold.find((row) => row.gold.includes(row.evidence.length));
  if (zero && beyond)
    throw invalid(
      `${file}: the numbers in “gold” begin at 0 (${zero.where}) and at 1 (${beyond.where})`,
    );
  if (beyond) return { first: 1, reason: `${beyond.where} names the last sentence by its count` };
  return zero
    ? { first: 0, reason: `${zero.where} names sentence 0` }
    : { first: 0, reason: 'no number tells; as in WiCE' };
}

function checkGold(
  number: number,
  first: 0 | 1,
  { evidence }: Pick<ReadRow, 'evidence'>,
  where: string,
): number {
  const index = number - first;
  if (index >= 0 && index < evidence.length) return index;
  throw invalid(
    `${where}: “gold” names sentence ${number}; there are ${evidence.length}, counted from ${first}`,
  );
}

function invalid(message: string): CadreError {
  return new CadreError('invalid_request', message);
}
