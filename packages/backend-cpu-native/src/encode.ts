/**
 * A Program as a list of numbers, which the addon reads and checks (`native/cpu/src/reader.cpp`). Lists are preceded by
 * their lengths, names become their places in the tables below, and every number is a double, which holds them all exactly.
 */
import {
  ValueError,
  describe,
  opcodes,
  type ConvMap,
  type DType,
  type Instruction,
  type Kernel,
  type KernelKind,
  type CompositeKernel,
  type Opcode,
  type Program,
  type ReduceOp,
  type Reduction,
  type ScatterMode,
  type Slot,
  type Store,
  type View,
} from '@antler/core';
import { compositeOf } from './composites.js';

/** Of the format; the addon refuses any other. */
const version = 1;

const dtypeCodes: { readonly [D in DType]: number } = {
  bool: 0,
  int8: 1,
  uint8: 2,
  int32: 3,
  uint32: 4,
  float32: 5,
  float64: 6,
  float16: 7,
  bfloat16: 8,
};
const opcodeCodes = Object.fromEntries(Object.keys(opcodes).map((name, i) => [name, i])) as Record<Opcode, number>;
const kindCodes: { readonly [K in KernelKind]: number } = {
  loop: 0,
  dot: 1,
  conv: 2,
  gather: 3,
  scatter: 4,
  cumulate: 5,
  sort: 6,
  repeat: 7,
  composite: 8,
};
const roleCodes: { readonly [R in Slot['role']]: number } = { input: 0, output: 1, inout: 2, temp: 3 };
const stepCodes = { load: 0, const: 1, scalar: 2, index: 3, operate: 4 } as const;
const foldCodes: { readonly [R in ReduceOp]: number } = { sum: 0, prod: 1, max: 2, min: 3 };
const mapCodes: { readonly [M in ConvMap]: number } = { output: 0, input: 1, kernel: 2 };
const modeCodes: { readonly [M in ScatterMode]: number } = { set: 0, add: 1, max: 2, min: 3 };

/** The numbers of a program. Throws a ValueError for a composite that the addon does not run. */
export function encodeProgram({ slots, scalars, kernels, faults }: Program): Float64Array {
  const out = new Numbers();
  out.add(version);
  out.list(slots, ({ bytes, role }) => out.add(bytes, roleCodes[role]));
  out.add(scalars.length, faults?.slot ?? -1, faults?.sites.length ?? 0);
  out.list(kernels, (kernel) => encodeKernel(out, kernel));
  return out.done();
}

/** Numbers in a row. */
class Numbers {
  readonly #numbers: number[] = [];

  add(...numbers: readonly number[]): void {
    for (const number of numbers) this.#numbers.push(number);
  }

  list<T>(entries: readonly T[], write: (entry: T) => void): void {
    this.#numbers.push(entries.length);
    for (const entry of entries) write(entry);
  }

  sizes(...lists: readonly (readonly number[])[]): void {
    for (const list of lists) this.list(list, (size) => this.#numbers.push(size));
  }

  done(): Float64Array {
    return Float64Array.from(this.#numbers);
  }
}

function addView(out: Numbers, { slot, dtype, offset, turns = [], strides }: View): void {
  out.add(slot, dtypeCodes[dtype], offset);
  out.sizes(turns, strides);
}

function addInstruction(out: Numbers, step: Instruction): void {
  const dtype = dtypeCodes[step.dtype];
  switch (step.op) {
    case 'load':
      return out.add(stepCodes.load, dtype, step.input);
    case 'const':
      return out.add(stepCodes.const, dtype, step.value);
    case 'scalar':
      return out.add(stepCodes.scalar, dtype, step.index);
    case 'index':
      return out.add(stepCodes.index, dtype, step.axis);
    default:
      return out.add(stepCodes.operate, dtype, opcodeCodes[step.op], ...step.args);
  }
}

/** What all kernels with a body have. */
interface Ending {
  readonly inputs: readonly View[];
  readonly epilogue: readonly Instruction[];
  readonly stores: readonly Store[];
}

const addViews = (out: Numbers, views: readonly View[]): void => out.list(views, (view) => addView(out, view));
const addSteps = (out: Numbers, steps: readonly Instruction[]): void =>
  out.list(steps, (step) => addInstruction(out, step));

function addStores(out: Numbers, stores: readonly Store[]): void {
  out.list(stores, ({ view, value }) => {
    addView(out, view);
    out.add(value);
  });
}

function addReductions(out: Numbers, reductions: readonly Reduction[]): void {
  out.list(reductions, ({ op, value }) => out.add(foldCodes[op], value));
}

function addEnding(out: Numbers, { inputs, epilogue, stores }: Ending): void {
  addViews(out, inputs);
  addSteps(out, epilogue);
  addStores(out, stores);
}

type Encode<K extends KernelKind> = (out: Numbers, kernel: Extract<Kernel, { readonly kind: K }>) => void;

/** How each kind is written, after its code. */
const writers: { readonly [K in keyof typeof kindCodes]: Encode<K> } = {
  loop(out, { shape, reduced, inputs, body, reductions, epilogue, stores }) {
    out.sizes(shape);
    out.add(reduced);
    addViews(out, inputs);
    addSteps(out, body);
    addReductions(out, reductions);
    addSteps(out, epilogue);
    addStores(out, stores);
  },
  dot(out, kernel) {
    const { dtype, batch, m, n, k, a, b } = kernel;
    out.add(dtypeCodes[dtype]);
    out.sizes(batch, m, n, k);
    addViews2(out, a, b);
    addEnding(out, kernel);
  },
  conv(out, kernel) {
    const { dtype, map, input, output, strides, padding, dilation, groups, a, b } = kernel;
    out.add(dtypeCodes[dtype], mapCodes[map]);
    out.sizes(input, kernel.kernel, output, strides);
    out.sizes(
      padding.map(([low]) => low),
      padding.map(([, high]) => high),
      dilation,
    );
    out.add(groups);
    addViews2(out, a, b);
    addEnding(out, kernel);
  },
  gather(out, { batch, index, limits, slice, indices, site, x, out: result }) {
    out.sizes(batch, index, limits, slice);
    addView(out, indices);
    out.add(site ?? -1);
    addViews2(out, x, result);
  },
  scatter(out, { batch, index, limits, slice, indices, site, mode, updates, out: result }) {
    out.sizes(batch, index, limits, slice);
    addView(out, indices);
    out.add(site ?? -1, modeCodes[mode]);
    addViews2(out, result, updates);
  },
  cumulate(out, { op, exclusive, shape, x, out: result }) {
    out.add(foldCodes[op], exclusive ? 1 : 0);
    out.sizes(shape);
    addViews2(out, x, result);
  },
  sort(out, { descending, shape, inputs, outputs }) {
    out.add(descending ? 1 : 0);
    out.sizes(shape);
    addViews(out, inputs);
    addViews(out, outputs);
  },
  repeat(out, { count, kernels }) {
    out.add(count);
    out.list(kernels, (kernel) => encodeKernel(out, kernel));
  },
  composite(out, kernel) {
    const found = compositeOf(kernel);
    if (found === undefined) {
      throw new ValueError(describe('compile', 'a kernel that accepts() agrees to', `composite ${kernel.name}`));
    }
    out.add(found.code);
    out.sizes(found.params);
    addOperands(out, kernel.inputs);
    addOperands(out, kernel.outputs);
  },
};

function addOperands(out: Numbers, operands: CompositeKernel['inputs']): void {
  out.list(operands, ({ view, shape }) => {
    addView(out, view);
    out.sizes(shape);
  });
}

function addViews2(out: Numbers, first: View, second: View): void {
  addView(out, first);
  addView(out, second);
}

function encodeKernel(out: Numbers, kernel: Kernel): void {
  out.add(kindCodes[kernel.kind]);
  (writers[kernel.kind] as Encode<KernelKind>)(out, kernel);
}
