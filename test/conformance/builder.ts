/** Small programs by hand: slots with their data, and kernels whose values are named instead of numbered. */
import {
  dtypes,
  opcodes,
  type Backend,
  type DType,
  type DotKernel,
  type FaultSite,
  type Instruction,
  type Kernel,
  type Opcode,
  type Program,
  type Reduction,
  type ReduceOp,
  type Slot,
  type Store,
  type View,
} from '@antler/core';

import type { Geometry } from './convolution.js';

/** A slot that holds one row-major array. */
export interface Place {
  readonly slot: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Starting values of inputs and inout slots. */
  readonly values: readonly number[];
}

/** A value of a loop or of a dot's epilogue. */
export interface Value {
  readonly part: 'body' | 'reduction' | 'epilogue';
  readonly position: number;
  readonly dtype: DType;
}

/** The kernel's memory is a place (whole, row-major) or any view. */
export type Target = Place | View;

/** Row-major strides. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

/** A view on a place with strides of its own. */
export function view(place: Place, strides: readonly number[], offset = 0, turns?: readonly number[]): View {
  return { slot: place.slot, dtype: place.dtype, offset, strides, ...(turns === undefined ? {} : { turns }) };
}

/** The whole of a place in row-major order, or the view itself. */
export function viewOf(target: Target): View {
  return 'shape' in target ? view(target, rowMajor(target.shape)) : target;
}

/** Builds one program. Declare temporary places last. */
export class Builder {
  /** Places that `run` receives, in order. */
  readonly places: Place[] = [];
  /** Numbers that go with the run. */
  readonly scalars: number[] = [];
  readonly #bytes: Backend['bytes'];
  readonly #slots: Slot[] = [];
  readonly #scalarTypes: DType[] = [];
  readonly #kernels: Kernel[] = [];
  readonly #sites: FaultSite[] = [];
  #faultPlace: Place | null = null;

  constructor(bytes: Backend['bytes']) {
    this.#bytes = bytes;
  }

  input(dtype: DType, shape: readonly number[], values: readonly number[]): Place {
    return this.#place('input', dtype, shape, values);
  }

  inout(dtype: DType, shape: readonly number[], values: readonly number[]): Place {
    return this.#place('inout', dtype, shape, values);
  }

  output(dtype: DType, shape: readonly number[]): Place {
    return this.#place('output', dtype, shape, []);
  }

  temp(dtype: DType, shape: readonly number[]): Place {
    return this.#place('temp', dtype, shape, []);
  }

  /** A run-time number; gives its index. */
  scalar(dtype: DType, value: number): number {
    this.#scalarTypes.push(dtype);
    return this.scalars.push(value) - 1;
  }

  /** Declares where bad indices are reported: an output, which the backend clears, or an inout with earlier words. */
  faults(earlier?: readonly [number, number]): Place {
    this.#faultPlace = earlier === undefined ? this.output('int32', [2]) : this.inout('int32', [2], earlier);
    return this.#faultPlace;
  }

  /** Adds fault sites, one per indexed axis; gives the number of the first. */
  sites(op: string, limits: readonly number[]): number {
    const first = this.#sites.length;
    this.#sites.push(...limits.map((limit) => ({ op, scope: '', limit })));
    return first;
  }

  loop(shape: readonly number[], reduced: number, fill: (body: Body) => void): void {
    const body = new Body('body');
    fill(body);
    const { body: early, reductions, epilogue } = body;
    const { inputs, stores } = body.numbered(early.length, reductions.length);
    this.kernel({ kind: 'loop', shape, reduced, inputs, body: early, reductions, epilogue, stores, scopes: [] });
  }

  /** A dot; `fill` gets the sum and stores something. */
  dot(axes: DotAxes, a: Target, b: Target, fill: (sum: Value, epilogue: Body) => void): void {
    const body = new Body('epilogue');
    const { batch = [], m = [], n = [], k = [] } = axes;
    const left = viewOf(a);
    fill({ part: 'reduction', position: 0, dtype: left.dtype }, body);
    const { inputs, stores } = body.numbered(0, 1);
    const rest = { batch, m, n, k, a: left, b: viewOf(b), inputs, epilogue: body.epilogue, stores, scopes: [] };
    this.kernel({ kind: 'dot', dtype: left.dtype, ...rest });
  }

  /** A convolution; `fill` gets the sum and stores something. */
  conv(geometry: Geometry, a: Target, b: Target, fill: (sum: Value, epilogue: Body) => void): void {
    const body = new Body('epilogue');
    const left = viewOf(a);
    fill({ part: 'reduction', position: 0, dtype: left.dtype }, body);
    const { inputs, stores } = body.numbered(0, 1);
    const rest = { a: left, b: viewOf(b), inputs, epilogue: body.epilogue, stores, scopes: [] };
    this.kernel({ kind: 'conv', dtype: left.dtype, ...geometry, ...rest });
  }

  repeat(count: number, fill: () => void): void {
    const start = this.#kernels.length;
    fill();
    const kernels = this.#kernels.splice(start);
    this.kernel({ kind: 'repeat', count, kernels, scopes: [] });
  }

  kernel(kernel: Kernel): void {
    this.#kernels.push(kernel);
  }

  /** The finished program. Its key is all of it. */
  program(): Program {
    const faults = this.#faultPlace === null ? null : { slot: this.#faultPlace.slot, sites: this.#sites };
    const rest = { slots: this.#slots, scalars: this.#scalarTypes, kernels: this.#kernels, faults };
    const exact = (_: string, value: unknown): unknown =>
      typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? `number ${1 / value}${value}`
        : value;
    return { key: JSON.stringify(rest, exact), ...rest };
  }

  #place(role: Slot['role'], dtype: DType, shape: readonly number[], values: readonly number[]): Place {
    const elements = shape.reduce((a, b) => a * b, 1);
    const bytes = elements * (this.#bytes[dtype] ?? dtypes[dtype].bytes);
    const place = { slot: this.#slots.push({ bytes, role }) - 1, dtype, shape, values };
    if (role !== 'temp') this.places.push(place);
    return place;
  }
}

type DotAxes = Partial<Pick<DotKernel, 'batch' | 'm' | 'n' | 'k'>>;

type Part = 'body' | 'epilogue';

/** The instructions of a loop: what depends on a reduction goes to the epilogue, all else to the body. */
export class Body {
  readonly body: Instruction[] = [];
  readonly epilogue: Instruction[] = [];
  readonly reductions: Reduction[] = [];
  readonly #inputs: View[] = [];
  readonly #stores: { readonly view: View; readonly value: Value }[] = [];
  readonly #operations: { readonly args: readonly Value[]; readonly numbers: number[] }[] = [];

  readonly #home: Part;

  /** Loads and constants go to `home` unless they say otherwise: a dot has an epilogue alone. */
  constructor(home: Part) {
    this.#home = home;
  }

  load(target: Target, part: Part = this.#home): Value {
    const from = viewOf(target);
    return this.#step(part, { op: 'load', input: this.#inputs.push(from) - 1, dtype: from.dtype });
  }

  constant(value: number, dtype: DType, part: Part = this.#home): Value {
    return this.#step(part, { op: 'const', value, dtype });
  }

  scalar(index: number, dtype: DType, part: Part = this.#home): Value {
    return this.#step(part, { op: 'scalar', index, dtype });
  }

  index(axis: number, dtype: DType, part: Part = this.#home): Value {
    return this.#step(part, { op: 'index', axis, dtype });
  }

  /** Applies an opcode; casts name their dtype. */
  op(op: Opcode, args: readonly Value[], dtype?: DType): Value {
    const { result } = opcodes[op];
    const results = { same: args[args.length - 1]!.dtype, bool: 'bool', uint32: 'uint32', given: dtype! } as const;
    const numbers: number[] = [];
    this.#operations.push({ args, numbers });
    const part = args.some((arg) => arg.part !== 'body') ? 'epilogue' : 'body';
    return this.#step(part, { op, args: numbers, dtype: results[result] });
  }

  reduce(op: ReduceOp, value: Value): Value {
    this.reductions.push({ op, value: value.position });
    return { part: 'reduction', position: this.reductions.length - 1, dtype: value.dtype };
  }

  store(target: Target, value: Value): void {
    this.#stores.push({ view: viewOf(target), value });
  }

  /** Turns named values into numbers, now that the lengths of body and reductions are known. */
  numbered(body: number, reductions: number): { readonly inputs: readonly View[]; readonly stores: readonly Store[] } {
    const starts = { body: 0, reduction: body, epilogue: body + reductions };
    const number = ({ part, position }: Value): number => starts[part] + position;
    for (const { args, numbers } of this.#operations) numbers.push(...args.map(number));
    const stores = this.#stores.map(({ view: to, value }) => ({ view: to, value: number(value) }));
    return { inputs: this.#inputs, stores };
  }

  #step(part: Part, step: Instruction): Value {
    return { part, position: this[part].push(step) - 1, dtype: step.dtype };
  }
}
