/**
 * Whether `value` is a whole multiple of `divisor` (> 0) as both are written in decimal: 0.3 is one
 * of 0.1, though not in binary fractions.
 */
export function isMultiple(value: number, divisor: number): boolean {
  const [digits, places] = decimal(value);
  const [divisorDigits, divisorPlaces] = decimal(divisor);
  const most = Math.max(places, divisorPlaces);
  const scaled = digits * 10n ** BigInt(most - places);
  return scaled % (divisorDigits * 10n ** BigInt(most - divisorPlaces)) === 0n;
}

/** The shortest decimal of a finite number: its digits, and how many of them stand behind the point. */
function decimal(value: number): readonly [digits: bigint, places: number] {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? [digits, places] : [digits * 10n ** BigInt(-places), 0];
}
