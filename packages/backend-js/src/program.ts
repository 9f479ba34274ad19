/** Compiling and running programs: slots become typed arrays, temporaries a part of the arena, kernels prepared functions. */
import {
  ValueError,
  describe,
  dtypes,
  viewAs,
  type DType,
  type KernelKind,
  type Program,
  type Region,
  type TypedArray,
} from '@antler/core';
import { registerOf } from './access.js';
import { Cursor, Registers, tileSize, type Context, type Frame, type Run } from './context.js';
import { Functions, canGenerate } from './generate/functions.js';
import type { KernelTable, Prepare } from './kernels.js';
import { storageOf, type ElementBytes } from './memory.js';

/** Temporaries begin on a cache line. */
const lineBytes = 64;

/** One typed array that a program uses. */
interface ArrayPlan {
  /** Number of the region in `io`, or −1 for the arena. */
  readonly region: number;
  /** Where the slot begins in the arena. */
  readonly byteOffset: number;
  readonly length: number;
  readonly storage: DType;
  /** The array itself, when no slot has it. */
  readonly fixed: TypedArray | null;
}

/** A compiled program. */
export interface JsProgram {
  readonly regions: number;
  /** Bytes of the arena that temporaries take. */
  readonly scratchBytes: number;
  readonly arrays: readonly ArrayPlan[];
  readonly runs: readonly Run[];
  /** Number of the array of the fault slot when a run begins by clearing it, else −1. */
  readonly cleared: number;
}

/** What all kernels of one backend share. */
export class Workshop {
  readonly bytes: ElementBytes;
  readonly functions: Functions | null;
  readonly kernels: KernelTable;
  readonly #registers = new Map<DType, TypedArray[]>();
  readonly #shared = new Map<unknown, unknown>();

  constructor(kernels: KernelTable, bytes: ElementBytes, generate: boolean) {
    this.kernels = kernels;
    this.bytes = bytes;
    this.functions = generate && canGenerate() ? new Functions(kernels.erf) : null;
  }

  registers(): Registers {
    return new Registers(this.#registers, (dtype) => registerOf(dtype, tileSize));
  }

  shared<T>(make: () => T): T {
    if (!this.#shared.has(make)) this.#shared.set(make, make());
    return this.#shared.get(make) as T;
  }
}

/** Prepares every kernel of a program. */
export function compileProgram(program: Program, workshop: Workshop): JsProgram {
  const regionOf: number[] = [];
  const offsets: number[] = [];
  let regions = 0;
  let scratchBytes = 0;
  for (const slot of program.slots) {
    const temporary = slot.role === 'temp';
    regionOf.push(temporary ? -1 : regions++);
    offsets.push(temporary ? scratchBytes : 0);
    if (temporary) scratchBytes += Math.ceil(slot.bytes / lineBytes) * lineBytes;
  }

  const arrays: ArrayPlan[] = [];
  const numbers = new Map<string, number>();
  const context: Context = {
    faults: program.faults,
    functions: workshop.functions,
    interpreter: workshop.kernels.interpreter,
    array(slot, dtype) {
      const storage = storageOf(dtype, workshop.bytes);
      const key = `${slot} ${storage}`;
      let number = numbers.get(key);
      if (number === undefined) {
        const length = Math.floor(program.slots[slot]!.bytes / dtypes[storage].bytes);
        numbers.set(key, (number = arrays.length));
        arrays.push({ region: regionOf[slot]!, byteOffset: offsets[slot]!, length, storage, fixed: null });
      }
      return number;
    },
    fixed(array) {
      const known = arrays.findIndex((plan) => plan.fixed === array);
      const plan: ArrayPlan = { region: -1, byteOffset: 0, length: array.length, storage: 'float64', fixed: array };
      return known < 0 ? arrays.push(plan) - 1 : known;
    },
    kind: (array) => arrays[array]!.storage,
    cursor: (view) => new Cursor(view, context.array(view.slot, view.dtype)),
    registers: () => workshop.registers(),
    shared: (make) => workshop.shared(make),
    prepare: (kernel) => (workshop.kernels[kernel.kind] as Prepare<KernelKind>)(kernel, context),
  };
  const runs = program.kernels.map((kernel) => context.prepare(kernel));
  const { faults } = program;
  const cleared =
    faults === null || program.slots[faults.slot]!.role === 'inout' ? -1 : context.array(faults.slot, 'int32');
  return { regions, scratchBytes, arrays, runs, cleared };
}

/** This run's view of a program's memory. */
export function frameOf(
  program: JsProgram,
  io: readonly Region<ArrayBuffer>[],
  scalars: Float64Array,
  arena: ArrayBuffer,
): Frame {
  if (io.length !== program.regions) {
    throw new ValueError(describe('run', `${program.regions} regions`, `${io.length}`));
  }
  const arrays = program.arrays.map(({ region, byteOffset, length, storage, fixed }) => {
    if (fixed !== null) return fixed;
    if (region < 0) return viewAs(storage, arena, byteOffset, length);
    const { buffer, byteOffset: start } = io[region]!;
    return viewAs(storage, buffer, start, length);
  });
  if (program.cleared >= 0) arrays[program.cleared]!.fill(0);
  return { arrays, scalars, turns: [] };
}
