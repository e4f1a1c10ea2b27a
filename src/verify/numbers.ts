import { allAre } from '../base/counted.ts';
import { indexTerms } from '../base/tokens.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { coversDate } from './dates.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { isToBeNamed, unitOf } from './units.ts';

type NumberQuantity = Extract<Quantity, { kind: 'number' }>;

/** How far a hedged number (`about 1,200`) may be from the source, relative. */
const HEDGED_DISTANCE = 0.1;

/**
 * Does a source state every number, time and date of the answer? Units and notations are
 * normalised (1,000 = 1000 = one thousand, 1 km = 1,000 m, 2 pm = 14:00, 2024-03-05 = March 5,
 * 2024). A number that no source has is a veto: small models invent numbers fluently.
 */
export function checkNumbers(answer: string, sources: readonly string[]): CheckResult {
  return checkQuantities(answer, sources.flatMap(quantitiesOf));
}

/**
 * The same with quantities that were read before. With the dimensions that the sources name, a unit of
 * none of them is invented, though a bare number could have any: a cell `51000` is not 51000 euros.
 */
export function checkQuantities(
  answer: string,
  known: readonly Quantity[],
  dimensions?: ReadonlySet<string>,
): CheckResult {
  const claimed = quantitiesOf(answer);
  if (claimed.length === 0) return passed('numbers', 0.5, 'the answer states no number');
  const missing = claimed.filter(
    (one) => !isStated(one, known) || (dimensions !== undefined && isInvented(one, dimensions)),
  );
  const first = missing[0];
  if (first === undefined)
    return passed('numbers', 1, `${allAre(claimed.length, 'number')} in the sources`);
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return failed('numbers', 0.05, `no source says ${quoted(first.text)}${more}`);
}

function isInvented(quantity: Quantity, dimensions: ReadonlySet<string>): boolean {
  if (quantity.kind !== 'number' || quantity.unit === undefined) return false;
  return isToBeNamed(quantity.unit) && !dimensions.has(quantity.unit.dimension);
}

/** The quantities of one text that the other does not state. */
export function unstated(
  claimed: readonly Quantity[],
  known: readonly Quantity[],
): readonly Quantity[] {
  return claimed.filter((quantity) => !isStated(quantity, known));
}

/** Do the quantities of a source state this one? */
export function isStated(claim: Quantity, known: readonly Quantity[]): boolean {
  return known.some((source) => covers(source, claim));
}

/** Could one take the other's place in a sentence? Counts of different things could not. */
export function isSameKind(one: Quantity, other: Quantity): boolean {
  return kindOf(one) === kindOf(other);
}

function kindOf(quantity: Quantity): string {
  if (quantity.kind !== 'number') return quantity.kind;
  const { unit, nouns, label, value } = quantity;
  if (unit !== undefined) return `in ${unit.dimension}`;
  if (nouns[0] !== undefined) return `of ${indexTerms(nouns[0]).join(' ')}`;
  if (/^\d{4}$/.test(quantity.text) && value >= 1500 && value < 2100) return 'date';
  return `after ${label}`;
}

/** Share of an answer's quantities that no source states, 0 … 1. */
export function missingNumberShare(
  claimed: readonly Quantity[],
  known: readonly Quantity[],
): number {
  if (claimed.length === 0) return 0;
  return unstated(claimed, known).length / claimed.length;
}

function covers(source: Quantity, claim: Quantity): boolean {
  if (claim.kind === 'date')
    return (
      source.kind === 'date' &&
      source.readings.some((one) => claim.readings.some((other) => coversDate(one, other)))
    );
  if (claim.kind === 'clock')
    return source.kind === 'clock'
      ? source.minutes % 720 === claim.minutes % 720 && isSameHalf(source, claim)
      : source.kind === 'number' && !source.unit && source.value * 60 === claim.minutes;
  if (source.kind === 'date')
    return source.readings.some((date) => !claim.unit && Object.values(date).includes(claim.value));
  if (source.kind === 'clock') return !claim.unit && source.minutes === claim.value * 60;
  return isSameNumber(source, claim);
}

/** `2:00` without am or pm may be read as 14:00; two full readings must agree. */
function isSameHalf(
  source: Extract<Quantity, { kind: 'clock' }>,
  claim: Extract<Quantity, { kind: 'clock' }>,
): boolean {
  const isOpen = (text: string, minutes: number) => !/[ap]\.?m/i.test(text) && minutes < 720;
  return (
    source.minutes === claim.minutes ||
    (isOpen(source.text, source.minutes) && /p\.?m/i.test(claim.text)) ||
    (isOpen(claim.text, claim.minutes) && !isOpen(source.text, source.minutes))
  );
}

/**
 * `40 beds` is no `40 mg`. A number that stands bare (a cell of a table, `20 to 40 mg`) may have any
 * unit, and a word may stand between (`14 working days`).
 */
function isSameMeasure(source: NumberQuantity, claim: NumberQuantity): boolean {
  const unit = source.unit ?? claim.unit;
  const nouns = source.unit ? claim.nouns : source.nouns;
  if (unit === undefined || nouns.length === 0 || nouns[0] === 'per') return true;
  return nouns.some((noun) => unitOf(noun)?.dimension === unit.dimension);
}

function isSameNumber(source: NumberQuantity, claim: NumberQuantity): boolean {
  let expected = source.value;
  let stated = claim.value;
  if (source.unit && claim.unit) {
    if (source.unit.dimension !== claim.unit.dimension) return false;
    expected *= source.unit.factor;
    stated *= claim.unit.factor;
  } else if (!isSameMeasure(source, claim)) return false;
  // Also for numbers too long for a double, which both read as infinite.
  if (expected === stated) return true;
  const distance = Math.abs(expected - stated);
  if (distance <= 1e-9 * Math.max(1, Math.abs(expected))) return true;
  if (claim.hedged && distance <= HEDGED_DISTANCE * Math.abs(expected)) return true;
  // A rounded number counts when it shows at least two digits and the source is the finer one.
  const isFiner = source.decimals > claim.decimals;
  const digits = String(Math.abs(claim.value)).replace(/[.]/g, '').replace(/0+$/, '').length;
  const scale = claim.unit && source.unit ? claim.unit.factor : 1;
  return isFiner && digits >= 2 && distance <= 0.5 * 10 ** -claim.decimals * scale;
}
