import {
  add,
  get,
  integer,
  load,
  multiply,
  repeatWhileBelow,
  set,
  store,
  vector,
  type WasmFunction,
  wasmModule,
} from './wasm-code.ts';

/** Addresses are bytes from the start of the memory, all divisible by 16. */
export interface VectorKernel {
  /**
   * `out[i]` (int32) = Σ row i (int8) × query (int16). A row has `width` values, a multiple of 16;
   * every sum must fit 32 bits.
   */
  dots(rows: number, count: number, width: number, query: number, out: number): void;
}

/** What the runtime has and TypeScript's library without a browser does not name. */
interface WebAssemblyApi {
  readonly Memory: new (limits: { readonly initial: number }) => GrowingMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: GrowingMemory } },
  ) => { readonly exports: unknown };
}

export interface GrowingMemory {
  /** Another one after every growth. */
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KiB; throws RangeError when the machine or the 4 GiB have no more. */
  grow(pages: number): number;
}

/** Numbers of vector instructions: WebAssembly core specification 2.0, appendix "Index of Instructions". */
const I32_ADD = 0xae;
const I16_LOW_OF_I8 = 0x87;
const I16_HIGH_OF_I8 = 0x88;
const I32_DOT_I16 = 0xba;
const I32_LANE = 0x1b;
const V_CONSTANT = 0x0c;

const PARAMETERS = 5;
const ROW = 0;
const COUNT = 1;
const WIDTH = 2;
const QUERY = 3;
const OUT = 4;
const END = 5;
const AT = 6;
const SUM = 7;
const OTHER = 8;

const zero = [...vector(V_CONSTANT), ...new Array<number>(16).fill(0)];
const operate = (operation: number, ...operands: readonly (readonly number[])[]): number[] => [
  ...operands.flat(),
  ...vector(operation),
];
const sumOfLanes = (local: number): number[] =>
  [1, 2, 3].reduce(
    (sum, lane) => add(sum, [...get(local), ...vector(I32_LANE), lane]),
    [...get(local), ...vector(I32_LANE), 0],
  );
const half = (extend: number, offset: number): number[] =>
  operate(I32_DOT_I16, operate(extend, load(ROW)), load(AT, offset));

/** Two sums run side by side over 16 values at a time; four lanes each. */
const dots: WasmFunction = {
  name: 'dots',
  parameters: PARAMETERS,
  integers: 2,
  vectors: 2,
  code: [
    // From here on COUNT is the address behind the last sum.
    ...set(COUNT, ...add(get(OUT), multiply(get(COUNT), integer(4)))),
    ...repeatWhileBelow(
      OUT,
      COUNT,
      set(SUM, ...zero),
      set(OTHER, ...zero),
      set(AT, ...get(QUERY)),
      set(END, ...add(get(ROW), get(WIDTH))),
      repeatWhileBelow(
        ROW,
        END,
        set(SUM, ...operate(I32_ADD, get(SUM), half(I16_LOW_OF_I8, 0))),
        set(OTHER, ...operate(I32_ADD, get(OTHER), half(I16_HIGH_OF_I8, 16))),
        set(ROW, ...add(get(ROW), integer(16))),
        set(AT, ...add(get(AT), integer(32))),
      ),
      set(SUM, ...operate(I32_ADD, get(SUM), get(OTHER))),
      store(OUT, sumOfLanes(SUM)),
      set(OUT, ...add(get(OUT), integer(4))),
    ),
  ],
};

const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** One page of memory to begin with. */
export function createMemory(): GrowingMemory {
  return new api.Memory({ initial: 1 });
}

/** The loop over `memory`, compiled anew by every call (below a millisecond). */
export function createVectorKernel(memory: GrowingMemory): VectorKernel {
  const module = new api.Module(wasmModule([dots]));
  return new api.Instance(module, { env: { memory } }).exports as VectorKernel;
}
