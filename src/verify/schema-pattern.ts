import { type Part, parsePattern, type Ranges } from './pattern-parser.ts';

/** Instructions of a compiled pattern at most; `(a{1,500}){1,500}` is left alone. */
const MOST_INSTRUCTIONS = 4000;

type Instruction =
  | { readonly kind: 'read'; readonly ranges: Ranges }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'start' | 'end' | 'found' };

/** Steps that may still be made, shared by all patterns of one answer. */
export interface StepBudget {
  left: number;
}

/** A pattern that is matched in time proportional to its size times the text's length. */
export type PatternMatcher = (text: string, budget: StepBudget) => boolean | undefined;

/**
 * A matcher for a regular expression of JSON Schema (ECMA-262 with flag `u`, unanchored), by the
 * simulation of all threads at once (Thompson 1968), which never backtracks. Undefined for what is
 * not a regular language or not read here: look-around, back references, `\b`, `\p`. The matcher
 * gives undefined when the budget ends first.
 */
export function patternMatcher(pattern: string): PatternMatcher | undefined {
  const part = parsePattern(pattern);
  if (part === undefined) return undefined;
  const program: Instruction[] = [];
  if (!emit(part, program)) return undefined;
  program.push({ kind: 'found' });
  return (text, budget) => run(program, text, budget);
}

/** Appends the part's instructions; each leads to the one after it. False when it grows too large. */
function emit(part: Part, program: Instruction[]): boolean {
  if (program.length > MOST_INSTRUCTIONS) return false;
  if (part.kind === 'sequence') return part.parts.every((one) => emit(one, program));
  if (part.kind === 'repeat') return emitRepeat(part, program);
  if (part.kind === 'choice') return emitChoice(part.parts, program);
  program.push(part.kind === 'read' ? { kind: 'read', ranges: part.ranges } : { kind: part.kind });
  return true;
}

function emitChoice(parts: readonly Part[], program: Instruction[]): boolean {
  const jumps: { first: number; second: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const fork = { kind: 'fork' as const, first: program.length + 1, second: 0 };
    if (index < parts.length - 1) program.push(fork);
    if (!emit(part, program)) return false;
    if (index === parts.length - 1) break;
    const jump = { kind: 'fork' as const, first: 0, second: 0 };
    jumps.push(jump);
    program.push(jump);
    fork.second = program.length;
  }
  for (const jump of jumps) {
    jump.first = program.length;
    jump.second = program.length;
  }
  return true;
}

function emitRepeat(part: Part & { kind: 'repeat' }, program: Instruction[]): boolean {
  for (let time = 0; time < part.least; time += 1) if (!emit(part.part, program)) return false;
  if (part.most === undefined) {
    const loop = { kind: 'fork' as const, first: program.length + 1, second: 0 };
    const at = program.push(loop) - 1;
    if (!emit(part.part, program)) return false;
    program.push({ kind: 'fork', first: at, second: at });
    loop.second = program.length;
    return true;
  }
  const exits: { second: number }[] = [];
  for (let time = part.least; time < part.most; time += 1) {
    const fork = { kind: 'fork' as const, first: program.length + 1, second: 0 };
    program.push(fork);
    exits.push(fork);
    if (!emit(part.part, program)) return false;
  }
  for (const exit of exits) exit.second = program.length;
  return true;
}

function run(
  program: readonly Instruction[],
  text: string,
  budget: StepBudget,
): boolean | undefined {
  /** The place at which an instruction was last entered. */
  const entered = new Int32Array(program.length).fill(-1);
  let reading: number[] = [];
  for (let at = 0; ; ) {
    // Every place may begin a match; what is entered is told by the place, so nothing is entered twice.
    const open = [0, ...reading];
    reading = [];
    while (open.length > 0) {
      const address = open.pop() ?? 0;
      if (entered[address] === at) continue;
      entered[address] = at;
      budget.left -= 1;
      if (budget.left < 0) return undefined;
      const instruction = program[address];
      if (instruction === undefined) continue;
      if (instruction.kind === 'found') return true;
      if (instruction.kind === 'fork') open.push(instruction.second, instruction.first);
      else if (instruction.kind === 'read') reading.push(address);
      else if (at === (instruction.kind === 'start' ? 0 : text.length)) open.push(address + 1);
    }
    const code = text.codePointAt(at);
    if (code === undefined) return false;
    reading = reading.flatMap((address) => {
      const instruction = program[address];
      if (instruction?.kind !== 'read') return [];
      budget.left -= instruction.ranges.length;
      return instruction.ranges.some(([low, high]) => low <= code && code <= high)
        ? [address + 1]
        : [];
    });
    at += code > 0xffff ? 2 : 1;
  }
}
