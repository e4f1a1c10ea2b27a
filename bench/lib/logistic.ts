/** Rows of features with their answers and weights; the bias is added by the fit. */
export interface LogisticData {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly boolean[];
  readonly weights: readonly number[];
}

const MOST_ROUNDS = 50;
const TOLERANCE = 1e-8;

/**
 * Logistic regression with an L2 penalty on all but the bias, by Newton's method. Returns the bias
 * and one weight per feature.
 */
export function fitLogistic(data: LogisticData, penalty: number): readonly number[] {
  const size = (data.rows[0]?.length ?? 0) + 1;
  let solution = new Array<number>(size).fill(0);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const step = newtonStep(data, solution, penalty);
    solution = solution.map((value, index) => value + (step[index] ?? 0));
    if (Math.max(...step.map(Math.abs)) < TOLERANCE) break;
  }
  return solution;
}

export function logisticScore(solution: readonly number[], row: readonly number[]): number {
  const sum = row.reduce(
    (total, value, index) => total + value * (solution[index + 1] ?? 0),
    solution[0] ?? 0,
  );
  return 1 / (1 + Math.exp(-sum));
}

function newtonStep(
  data: LogisticData,
  solution: readonly number[],
  penalty: number,
): readonly number[] {
  const size = solution.length;
  // The last column is the gradient: the system is solved in place.
  const system = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const [at, row] of data.rows.entries()) {
    const weight = data.weights[at] ?? 1;
    const score = logisticScore(solution, row);
    const slope = weight * score * (1 - score);
    const error = weight * ((data.labels[at] ? 1 : 0) - score);
    const values = [1, ...row];
    for (const [index, line] of system.entries()) {
      const value = values[index] ?? 0;
      for (let other = 0; other < size; other += 1)
        line[other] = (line[other] ?? 0) + slope * value * (values[other] ?? 0);
      line[size] = (line[size] ?? 0) + error * value;
    }
  }
  for (const [index, line] of system.entries()) {
    line[index] = (line[index] ?? 0) + (index === 0 ? 1e-9 : penalty);
    if (index > 0) line[size] = (line[size] ?? 0) - penalty * (solution[index] ?? 0);
  }
  return solve(system);
}

/** Gauss–Jordan; the matrix is positive definite, so no pivoting is needed. */
function solve(system: readonly Float64Array[]): readonly number[] {
  const size = system.length;
  for (const [index, line] of system.entries()) {
    const pivot = line[index] ?? 1;
    for (let column = index; column <= size; column += 1)
      line[column] = (line[column] ?? 0) / pivot;
    for (const [other, target] of system.entries()) {
      const factor = target[index] ?? 0;
      if (other === index || factor === 0) continue;
      for (let column = index; column <= size; column += 1)
        target[column] = (target[column] ?? 0) - factor * (line[column] ?? 0);
    }
  }
  return system.map((line) => line[size] ?? 0);
}
