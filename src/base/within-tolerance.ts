/** More than what numbers of a computer lose when they are taken from each other, and no more than that. */
const SLACK = 1e-9;

/** Whether two numbers are at most the tolerance apart; of 4.1 and 4.15 with .05 it is so. */
export function isWithin(one: number, other: number, tolerance: number): boolean {
  return Math.abs(one - other) <= tolerance * (1 + SLACK);
}
