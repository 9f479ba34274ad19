/** Programs for the tests of the addon, written by hand. */
import type { CompositeKernel, Kernel, LoopKernel, Program, View } from '@antler/core';

/** A dense float32 view of one axis. */
export const row = (slot: number): View => ({ slot, dtype: 'float32', offset: 0, strides: [1] });

/** y = tanh(x), element by element, on `length` elements. */
export function tanhLoop(length: number, from: number, to: number): LoopKernel {
  return {
    kind: 'loop',
    shape: [length],
    reduced: 0,
    inputs: [row(from)],
    body: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'tanh', args: [0], dtype: 'float32' },
    ],
    reductions: [],
    epilogue: [],
    stores: [{ view: row(to), value: 1 }],
    scopes: [],
  };
}

/** x ← tanh(x), `times` times: as long as one likes. */
export function tanhProgram(length: number, times: number): Program {
  const bytes = 4 * length;
  const turn = { kind: 'repeat', count: times, kernels: [tanhLoop(length, 0, 0)], scopes: [] } as const;
  return { key: '', slots: [{ bytes, role: 'inout' }], scalars: [], kernels: [turn], faults: null };
}

/** One composite of each family, over the slots of `everyKind`. */
function someComposites(): Kernel[] {
  const operand = (slot: number, ...shape: number[]): CompositeKernel['inputs'][number] => ({
    view: {
      slot,
      dtype: 'float32',
      offset: 0,
      strides: shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)),
    },
    shape,
  });
  const kernel = (
    name: string,
    params: object,
    inputs: CompositeKernel['inputs'],
    outputs: CompositeKernel['outputs'],
  ): CompositeKernel => ({ kind: 'composite', name, params, inputs, outputs, scopes: [] });
  const pool = { sizes: [2, 2], strides: [1, 2], padding: [[1, 0], [0, 0]] }; // prettier-ignore
  return [
    kernel('softmax', {}, [operand(0, 4, 4)], [operand(2, 4, 4)]),
    kernel('maxPool', pool, [operand(0, 1, 4, 4, 1)], [operand(2, 1, 4, 2, 1)]),
    kernel(
      'layerNorm',
      { epsilon: 1 },
      [operand(0, 2, 4), operand(0, 4), operand(0, 4)],
      [operand(2, 2, 4), operand(3, 2), operand(5, 2)],
    ),
    kernel(
      'batchNorm',
      { epsilon: 1 },
      [operand(0, 4, 2), operand(0, 2), operand(0, 2)],
      [operand(2, 4, 2), operand(3, 2), operand(5, 2)],
    ),
    kernel(
      'lstm',
      {},
      [operand(0, 1, 2, 8), operand(0, 2, 8), operand(0, 1, 2), operand(0, 1, 2)],
      [
        ...[operand(2, 1, 2, 2), operand(3, 1, 2), operand(3, 1, 2)],
        ...[operand(5, 1, 2, 2), operand(3, 1, 2, 2), operand(2, 1, 2, 8)],
      ],
    ),
    kernel(
      'attention',
      { scale: 1, causal: true },
      [operand(0, 1, 3, 1, 2), operand(0, 1, 4, 1, 2), operand(0, 1, 4, 1, 3)],
      [...[operand(2, 1, 3, 1, 3), operand(3, 1, 1, 3), operand(5, 1, 1, 3)]],
    ),
  ];
}

/** A program with every kind of kernel, to be damaged. */
export function everyKind(): Program {
  const view = (slot: number, strides: number[], offset = 0): View => ({ slot, dtype: 'float32', offset, strides });
  const indices: View = { slot: 1, dtype: 'int32', offset: 0, strides: [1, 1] };
  const kernels: Kernel[] = [
    { ...tanhLoop(8, 0, 2) },
    {
      kind: 'loop',
      shape: [4, 4],
      reduced: 1,
      inputs: [view(0, [4, 1])],
      body: [
        { op: 'load', input: 0, dtype: 'float32' },
        { op: 'scalar', index: 0, dtype: 'float32' },
        { op: 'mul', args: [0, 1], dtype: 'float32' },
        { op: 'index', axis: 1, dtype: 'int32' },
      ],
      reductions: [
        { op: 'sum', value: 2 },
        { op: 'max', value: 3 },
      ],
      epilogue: [{ op: 'exp', args: [4], dtype: 'float32' }],
      stores: [{ view: view(3, [1, 0]), value: 6 }],
      scopes: [],
    },
    {
      kind: 'dot',
      dtype: 'float32',
      batch: [],
      m: [4],
      n: [4],
      k: [4],
      a: view(0, [4, 1]),
      b: view(0, [1, 4]),
      inputs: [view(3, [0, 1])],
      epilogue: [
        { op: 'load', input: 0, dtype: 'float32' },
        { op: 'add', args: [0, 1], dtype: 'float32' },
      ],
      stores: [{ view: view(2, [4, 1]), value: 2 }],
      scopes: [],
    },
    {
      kind: 'conv',
      dtype: 'float32',
      map: 'output',
      input: [1, 4, 4, 1],
      kernel: [2, 2, 1, 1],
      output: [1, 3, 3, 1],
      strides: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
      dilation: [1, 1],
      groups: 1,
      a: view(0, [16, 4, 1, 1]),
      b: view(3, [2, 1, 1, 1]),
      inputs: [],
      epilogue: [],
      stores: [{ view: view(2, [9, 3, 1, 1]), value: 0 }],
      scopes: [],
    },
    {
      kind: 'gather',
      batch: [],
      index: [3],
      limits: [4],
      slice: [4],
      indices,
      site: 0,
      scopes: [],
      x: view(0, [4, 1]),
      out: view(2, [4, 1]),
    },
    {
      kind: 'scatter',
      batch: [],
      index: [3],
      limits: [4],
      slice: [2],
      indices,
      site: 0,
      scopes: [],
      mode: 'add',
      updates: view(0, [4, 1]),
      out: view(2, [4, 1]),
    },
    {
      kind: 'cumulate',
      op: 'sum',
      exclusive: false,
      shape: [4, 4],
      x: view(0, [4, 1]),
      out: view(2, [1, 4]),
      scopes: [],
    },
    {
      kind: 'sort',
      descending: true,
      shape: [4, 4],
      inputs: [view(0, [4, 1])],
      outputs: [view(2, [4, 1])],
      scopes: [],
    },
    { kind: 'repeat', count: 3, kernels: [tanhLoop(16, 2, 2)], scopes: [] },
    ...someComposites(),
  ];
  return {
    key: '',
    slots: [
      { bytes: 64, role: 'input' },
      { bytes: 16, role: 'input' },
      { bytes: 64, role: 'output' },
      { bytes: 64, role: 'inout' },
      { bytes: 8, role: 'output' },
      { bytes: 64, role: 'temp' },
    ],
    scalars: ['float32'],
    kernels,
    faults: { slot: 4, sites: [{ op: 'take', scope: '', limit: 4 }] },
  };
}
