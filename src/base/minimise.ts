/** Steps whose curvature is remembered. */
const MEMORY = 8;
const HALVINGS = 20;
/** A step that gains less, of the value, is the last. */
const TOLERANCE = 1e-7;
/** Armijo's condition: share of the promised gain that a step must bring. */
const GAIN_SHARE = 1e-4;

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly scale: number;
}

/**
 * A minimum of a smooth function by L-BFGS with backtracking (Nocedal and Wright, 2006, §7.2), from
 * `start`, which stays as it is. `valueAt` writes the gradient into its second argument. Of a convex
 * function it is the minimum, to about seven digits of the value.
 */
export function minimise(
  start: Float64Array,
  valueAt: (point: Float64Array, gradient: Float64Array) => number,
  stepsMost: number,
): Float64Array {
  const steps: Step[] = [];
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(point.length);
  let value = valueAt(point, gradient);
  for (let count = 0; count < stepsMost; count += 1) {
    const direction = descent(gradient, steps);
    const slope = dot(gradient, direction);
    let [length, found] = [1, Number.POSITIVE_INFINITY];
    let next = point;
    const turned = new Float64Array(point.length);
    for (let halving = 0; halving < HALVINGS; halving += 1, length /= 2) {
      next = point.map((one, at) => one + length * (direction[at] as number));
      found = valueAt(next, turned);
      if (found <= value + GAIN_SHARE * length * slope) break;
    }
    if (!(found < value)) break;
    remember(steps, { point, gradient }, { point: next, gradient: turned });
    const gain = value - found;
    [point, gradient, value] = [next, turned, found];
    if (gain < TOLERANCE * Math.abs(value)) break;
  }
  return point;
}

/** Against the gradient, as far as the curvature of the last steps says (the two-loop recursion). */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((one) => -one);
  const last = steps.at(-1);
  if (last === undefined) {
    const size = Math.sqrt(dot(direction, direction));
    return direction.map((one) => one / Math.max(1, size));
  }
  const shares: number[] = [];
  for (const step of steps.toReversed()) {
    const share = step.scale * dot(step.moved, direction);
    shares.unshift(share);
    add(direction, step.turned, -share);
  }
  const scale = 1 / (last.scale * dot(last.turned, last.turned));
  for (let at = 0; at < direction.length; at += 1)
    direction[at] = scale * (direction[at] as number);
  steps.forEach((step, at) => {
    const share = step.scale * dot(step.turned, direction);
    add(direction, step.moved, (shares[at] ?? 0) - share);
  });
  return direction;
}

interface Place {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
}

function remember(steps: Step[], from: Place, to: Place): void {
  const moved = to.point.map((one, at) => one - (from.point[at] as number));
  const turned = to.gradient.map((one, at) => one - (from.gradient[at] as number));
  const curvature = dot(moved, turned);
  if (curvature <= 1e-12) return;
  steps.push({ moved, turned, scale: 1 / curvature });
  if (steps.length > MEMORY) steps.shift();
}

function add(target: Float64Array, values: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at += 1)
    target[at] = (target[at] as number) + factor * (values[at] as number);
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] as number) * (right[at] as number);
  return sum;
}
