/**
 * Bytes of a WebAssembly module (specification 2.0, chapter 5), as far as a loop over numbers needs
 * them: one imported memory, functions of i32 parameters without results, i32 and v128 locals.
 */
export interface WasmFunction {
  readonly name: string;
  /** How many i32 parameters; they are locals 0, 1, … */
  readonly parameters: number;
  /** Further i32 locals, numbered after the parameters. */
  readonly integers: number;
  /** v128 locals, numbered after those. */
  readonly vectors: number;
  readonly code: readonly number[];
}

const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A module that imports `env.memory` and exports the functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [I32])),
    0,
  ]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, 1];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_one, index) => unsigned(index)))),
    ...section(7, list(functions.map((one, index) => [...text(one.name), 0, ...unsigned(index)]))),
    ...section(10, list(functions.map(body))),
  ]);
}

export const get = (local: number): number[] => [0x20, ...unsigned(local)];
export const set = (local: number, ...value: readonly number[]): number[] => [
  ...value,
  0x21,
  ...unsigned(local),
];
export const integer = (value: number): number[] => [0x41, ...signed(value)];
export const add = (left: readonly number[], right: readonly number[]): number[] => [
  ...left,
  ...right,
  0x6a,
];
export const multiply = (left: readonly number[], right: readonly number[]): number[] => [
  ...left,
  ...right,
  0x6c,
];
/** Runs the body, and again while local `left` is below local `right` (unsigned). */
export const repeatWhileBelow = (
  left: number,
  right: number,
  ...inside: readonly (readonly number[])[]
): number[] => [
  0x03,
  NO_RESULT,
  ...inside.flat(),
  ...get(left),
  ...get(right),
  0x49,
  0x0d,
  0,
  0x0b,
];
/** `i32.store` of `value` at the address in local `address`. */
export const store = (address: number, value: readonly number[]): number[] => [
  ...get(address),
  ...value,
  0x36,
  2,
  0,
];
/** `v128.load` from the address in local `address`, `offset` bytes on. */
export const load = (address: number, offset = 0): number[] => [
  ...get(address),
  ...vector(0),
  0,
  ...unsigned(offset),
];
/** An instruction of the vector group by its number in the specification's appendix. */
export const vector = (operation: number): number[] => [0xfd, ...unsigned(operation)];

function body({ integers, vectors, code }: WasmFunction): number[] {
  const locals = list([
    [...unsigned(integers), I32],
    [...unsigned(vectors), V128],
  ]);
  return sized([...locals, ...code, 0x0b]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  return sized([...value].map((character) => character.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
