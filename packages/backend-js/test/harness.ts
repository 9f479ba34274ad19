/** Runs kernels on host arrays: every array is a slot that is read and overwritten. */
import {
  dtypes,
  type DType,
  type Faults,
  type Instruction,
  type Kernel,
  type TypedArray,
  type View,
} from '@antler/core';
import { expect } from '@jest/globals';
import {
  algorithmKernels,
  basicKernels,
  convolutionKernels,
  createJsBackend,
  indexingKernels,
  jsBackendOf,
  orderingKernels,
  specialKernels,
  type JsBackendOptions,
} from '../src/index.js';

/** The layouts that every kernel is tested in: the host's, and 8-bit types in 4 bytes. */
export const layouts: readonly (readonly [string, JsBackendOptions])[] = [
  ['host layout', {}],
  ['wide layout', { bytes: { int8: 4, uint8: 4, bool: 4 } }],
];

export interface Data {
  readonly dtype: DType;
  readonly values: readonly number[] | TypedArray;
}

export interface Setting extends JsBackendOptions {
  readonly scalars?: readonly number[];
  readonly faults?: Faults;
  /** No interpreter. */
  readonly alone?: boolean;
  /** Bytes of temporaries, whose slots follow those of the data. */
  readonly temporaries?: readonly number[];
}

/** All kernels, without the interpreter. */
const families = [basicKernels, indexingKernels, convolutionKernels, orderingKernels, algorithmKernels, specialKernels];

/**
 * Values of all arrays after the kernels have run: generated, interpreted, and without an interpreter to fall back on, if the
 * setting does not say which.
 */
export function runKernels(data: readonly Data[], kernels: readonly Kernel[], setting: Setting = {}): number[][] {
  if (setting.generate !== undefined) return runOnce(data, kernels, setting);
  const [generated, interpreted] = [true, false].map((generate) => runOnce(data, kernels, { ...setting, generate }));
  expect(generated).toEqual(interpreted);
  if (setting.alone !== false) expect(runOnce(data, kernels, { ...setting, alone: true })).toEqual(interpreted);
  return interpreted!;
}

function runOnce(data: readonly Data[], kernels: readonly Kernel[], setting: Setting): number[][] {
  const backend = setting.alone === true ? jsBackendOf(families, setting)() : createJsBackend(setting);
  const regions = data.map(({ dtype, values }) => {
    const region = { buffer: backend.alloc(values.length * backend.bytes[dtype]!), byteOffset: 0 };
    const host = new dtypes[dtype].array(values.length);
    host.set(values);
    backend.write(region, host, dtype);
    return region;
  });
  const slots = [
    ...regions.map(({ buffer }) => ({ bytes: buffer.byteLength, role: 'inout' as const })),
    ...(setting.temporaries ?? []).map((bytes) => ({ bytes, role: 'temp' as const })),
  ];
  const scalars = setting.scalars ?? [];
  const program = backend.compile({
    key: 'test',
    slots,
    scalars: scalars.map(() => 'float64' as const),
    kernels,
    faults: setting.faults ?? null,
  });
  if (program instanceof Promise) throw new Error('compile of the js backend is synchronous');
  backend.run(program, regions, Float64Array.from(scalars));
  return data.map(({ dtype, values }, i) => {
    const host = backend.readSync!(regions[i]!, values.length, dtype);
    return Array.from(new (dtypes[dtype].array as unknown as new (buffer: ArrayBuffer) => TypedArray)(host));
  });
}

/** A view with the strides of a contiguous array, or those given. */
export function view(slot: number, dtype: DType, strides: readonly number[], offset = 0): View {
  return { slot, dtype, offset, strides };
}

/** Applies one body to arrays of one length: the element-wise case. The result is value `body.length - 1`. */
export function mapElements(
  inputs: readonly Data[],
  body: readonly Instruction[],
  result: DType,
  setting: Setting = {},
): number[] {
  const length = inputs[0]!.values.length;
  const out: Data = { dtype: result, values: new Array<number>(length).fill(0) };
  const kernel: Kernel = {
    kind: 'loop',
    shape: [length],
    reduced: 0,
    inputs: inputs.map(({ dtype }, slot) => view(slot, dtype, [1])),
    body,
    reductions: [],
    epilogue: [],
    stores: [{ view: view(inputs.length, result, [1]), value: body.length - 1 }],
    scopes: [],
  };
  return runKernels([...inputs, out], [kernel], setting)[inputs.length]!;
}

/** A repeatable stream of numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
