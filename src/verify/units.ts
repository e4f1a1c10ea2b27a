/** A unit's dimension and how many base units it is. Currencies are dimensions of their own. */
export interface Unit {
  readonly dimension: string;
  readonly factor: number;
}

/** dimension: [base units, names …] rows. Names are lower-case unless their case tells them apart. */
const ROWS: readonly (readonly [string, number, string])[] = [
  ['share', 0.01, '% percent percentage'],
  ['time', 0.001, 'ms millisecond milliseconds'],
  ['time', 1, 's sec secs second seconds'],
  ['time', 60, 'min mins minute minutes'],
  ['time', 3600, 'h hr hrs hour hours'],
  ['time', 86_400, 'day days'],
  ['time', 604_800, 'week weeks'],
  ['month', 1, 'month months'],
  ['month', 12, 'year years yr yrs'],
  ['month', 120, 'decade decades'],
  ['month', 1200, 'century centuries'],
  ['length', 0.001, 'mm millimetre millimetres millimeter millimeters'],
  ['length', 0.01, 'cm centimetre centimetres centimeter centimeters'],
  ['length', 1, 'm metre metres meter meters'],
  ['length', 1000, 'km kilometre kilometres kilometer kilometers'],
  ['length', 0.0254, 'inch inches'],
  ['length', 0.3048, 'ft foot feet'],
  ['length', 1609.344, 'mile miles'],
  ['mass', 1e-6, 'µg mcg microgram micrograms'],
  ['mass', 0.001, 'mg milligram milligrams'],
  ['mass', 1, 'g gram grams gramme grammes'],
  ['mass', 1000, 'kg kilogram kilograms kilo kilos'],
  ['mass', 1e6, 't tonne tonnes'],
  ['mass', 453.59237, 'lb lbs pound-mass'],
  ['volume', 0.001, 'ml millilitre millilitres milliliter milliliters'],
  ['volume', 1, 'l litre litres liter liters'],
  ['data', 1e3, 'kb kilobyte kilobytes'],
  ['data', 1e6, 'mb megabyte megabytes'],
  ['data', 1e9, 'gb gigabyte gigabytes'],
  ['data', 1e12, 'tb terabyte terabytes'],
  ['temperature', 1, '°c celsius'],
  ['temperature-f', 1, '°f fahrenheit'],
  ['power', 1, 'watt watts'],
  ['power', 1000, 'kw kilowatt kilowatts'],
  ['energy', 1, 'kwh'],
  ['dollar', 1, '$ usd dollar dollars'],
  ['dollar', 0.01, 'cent cents'],
  ['euro', 1, '€ eur euro euros'],
  ['sterling', 1, '£ gbp pound pounds'],
  ['yen', 1, '¥ jpy yen'],
];

const UNITS: ReadonlyMap<string, Unit> = new Map(
  ROWS.flatMap(([dimension, factor, names]) =>
    names.split(' ').map((name) => [name, { dimension, factor }] as const),
  ),
);

/** Words and signs that may name a unit. */
const UNIT_WORDS = /[%$€£¥]|[\p{L}°µ]+/gu;
/** What a reader adds to a number by himself: `aged 40` is 40 years, `at 37` may be degrees. */
const ADDED_FREELY: ReadonlySet<string> = new Set(['share', 'time', 'month', 'temperature']);

/** Dimensions of the units that any of the texts names. */
export function dimensionsIn(texts: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const text of texts)
    for (const [word] of text.matchAll(UNIT_WORDS)) {
      const unit = unitOf(word);
      if (unit !== undefined) named.add(unit.dimension);
    }
  return named;
}

/** Whether a unit that no source names would be invented: mass, money and like, not time and share. */
export function isToBeNamed({ dimension }: Unit): boolean {
  return !ADDED_FREELY.has(dimension);
}

/** The unit that a word or sign names, undefined for any other word. */
export function unitOf(word: string): Unit | undefined {
  return UNITS.get(word.toLowerCase());
}
