/** What kernels get: at compile, cursors on views and registers for values; at each run, a frame. */
import {
  ValueError,
  describe,
  type DType,
  type Faults,
  type Instruction,
  type Kernel,
  type LoopKernel,
  type TypedArray,
  type View,
} from '@antler/core';
import type { Lanes } from './axes.js';
import type { Functions } from './generate/functions.js';
import type { Product, Results, StoreBlock } from './product.js';

/** What changes from run to run. */
export interface Frame {
  /** The program's typed arrays, by the numbers that `Context.array` gave. */
  readonly arrays: readonly TypedArray[];
  readonly scalars: Float64Array;
  /** The turn of each enclosing repeat, outermost first. */
  readonly turns: number[];
}

/** A prepared kernel. */
export type Run = (frame: Frame) => void;

/** What a kernel is prepared with. */
export interface Context {
  /** Number of the typed array of a slot's elements of one dtype. */
  array(slot: number, dtype: DType): number;
  /** Number of a typed array that is the same in every run. */
  fixed(array: Float64Array): number;
  /** The dtype that a typed array has the kind of. */
  kind(array: number): DType;
  /** A cursor on a view. */
  cursor(view: View): Cursor;
  /** The backend's registers, all free: kernels run one after the other, so each kernel takes them anew. */
  registers(): Registers;
  /** What all kernels of the backend share, made by whoever asks for it first. */
  shared<T>(make: () => T): T;
  /** Prepares a kernel within a kernel. */
  prepare(kernel: Kernel): Run;
  /** Functions from text; null where kernels are interpreted. */
  readonly functions: Functions | null;
  /** Absent from a backend that was made without it. */
  readonly interpreter: Interpreter | undefined;
  readonly faults: Faults | null;
}

/** Runs what is no function from text: where those are forbidden, and what text cannot say. */
export interface Interpreter {
  loop(kernel: LoopKernel, context: Context): Run;
  /** The epilogue of a product. */
  block(product: Product, results: Results, context: Context): StoreBlock;
}

/** Throws a ValueError that says what to add to a backend that is made of some kernels. */
export function lacking(what: string, family: string): never {
  const hint = `Add ${family} from '@antler/backend-js' to those that jsBackendOf is given.`;
  throw new ValueError(describe('compile', `a js backend with ${what}`, 'one made without it', hint));
}

/** The interpreter, if there is one; otherwise an error. */
export function interpreterOf({ interpreter }: Context): Interpreter {
  return interpreter ?? lacking('an interpreter', 'interpretedKernels');
}

const nothing = new Float32Array(0);

/** Where a view stands while its kernel walks: the memory, the first element of the tile, and where the others lie. */
export class Cursor {
  memory: TypedArray = nothing;
  /** Element of the view's index 0, … in this run. */
  origin = 0;
  /** Element where the tile begins. */
  base = 0;
  lanes: Lanes = { stride: 0, table: null };
  readonly dtype: DType;
  /** In elements, one per axis. */
  readonly strides: readonly number[];
  /** Number of its typed array; −1 for a position, which has none. */
  readonly array: number;
  readonly #offset: number;
  readonly #turns: readonly number[];

  constructor(view: Omit<View, 'slot'>, array: number) {
    this.dtype = view.dtype;
    this.strides = view.strides;
    this.array = array;
    this.#offset = view.offset;
    this.#turns = view.turns ?? [];
  }

  /** Takes up this run's memory and turns. */
  enter(frame: Frame): void {
    if (this.array >= 0) this.memory = frame.arrays[this.array]!;
    this.base = this.origin = this.originAt(frame.turns);
  }

  /** Element of the view's index 0, … at the given turns; those that do not move it may be missing. */
  originAt(turns: readonly number[]): number {
    let origin = this.#offset;
    for (let i = 0; i < this.#turns.length; i++) origin += this.#turns[i]! * (turns[i] ?? 0);
    return origin;
  }

  /** A place so many elements on, with other axes. */
  over(strides: readonly number[], shift = 0): Cursor {
    const offset = this.#offset + shift;
    return new Cursor({ dtype: this.dtype, offset, turns: this.#turns, strides }, this.array);
  }

  /** Moves from turn to turn of a repeat. */
  get turns(): boolean {
    return this.#turns.some((stride) => stride !== 0);
  }

  /** Lets go of this run's memory, which the collector may want. */
  leave(): void {
    this.memory = nothing;
  }
}

/** A cursor on the position along an axis: an affine function of the index, like a view, but without memory. */
function positionCursor(axis: number, rank: number, dtype: DType): Cursor {
  const strides = Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0));
  return new Cursor({ dtype, offset: 0, strides }, -1);
}

/** Cursors on what instructions load and on their positions, by number of value; the first of them is value `first`. */
export function readsOf(
  { inputs, shape }: { readonly inputs: readonly View[]; readonly shape: readonly number[] },
  instructions: readonly Instruction[],
  first: number,
  context: Context,
): Map<number, Cursor> {
  const reads = new Map<number, Cursor>();
  instructions.forEach((instruction, i) => {
    if (instruction.op === 'load') reads.set(first + i, context.cursor(inputs[instruction.input]!));
    if (instruction.op === 'index')
      reads.set(first + i, positionCursor(instruction.axis, shape.length, instruction.dtype));
  });
  return reads;
}

/** Elements of a register, and the most that a tile may have. */
export const tileSize = 512;

/** Hands out typed arrays of `tileSize` elements, always the same ones in the same order, so they stay in the cache. */
export class Registers {
  readonly #pool: Map<DType, TypedArray[]>;
  readonly #make: (dtype: DType) => TypedArray;
  readonly #taken = new Map<DType, number>();

  constructor(pool: Map<DType, TypedArray[]>, make: (dtype: DType) => TypedArray) {
    this.#pool = pool;
    this.#make = make;
  }

  /** A register that no other value of this kernel has. */
  take(dtype: DType): TypedArray {
    const number = this.#taken.get(dtype) ?? 0;
    this.#taken.set(dtype, number + 1);
    let registers = this.#pool.get(dtype);
    if (registers === undefined) this.#pool.set(dtype, (registers = []));
    return (registers[number] ??= this.#make(dtype));
  }
}
