/** `checkProgram`: a sound program passes; each broken promise is named. */
import { describe, expect, test } from '@jest/globals';
import {
  dtypes,
  type CumulateKernel,
  type DotKernel,
  type GatherKernel,
  type Kernel,
  type LoopKernel,
  type Program,
  type ScatterKernel,
  type SortKernel,
  type Slot,
  type View,
} from '@antler/core';
import { checkProgram } from './checkProgram.js';
import type { CheckedDevice } from './place.js';

const bytes = Object.fromEntries(Object.entries(dtypes).map(([dtype, row]) => [dtype, row.bytes] as const));
const device: CheckedDevice = {
  bytes,
  limits: { maxBufferBytes: 4096, maxRegionsPerKernel: 4, alignment: 256, maxInFlight: 1 },
};

const view = (slot: number, strides: readonly number[], rest: Partial<View> = {}): View => ({
  slot,
  dtype: 'float32',
  offset: 0,
  strides,
  ...rest,
});
const slot = (role: Slot['role'], size = 24): Slot => ({ role, bytes: size });

/** y = x + x over [2, 3]; slots: 0 input, 1 output, 2 inout, 3 temp. */
const loop: LoopKernel = {
  kind: 'loop',
  shape: [2, 3],
  reduced: 0,
  inputs: [view(0, [3, 1])],
  body: [
    { op: 'load', input: 0, dtype: 'float32' },
    { op: 'add', args: [0, 0], dtype: 'float32' },
  ],
  reductions: [],
  epilogue: [],
  stores: [{ view: view(1, [3, 1]), value: 1 }],
  scopes: ['dense_1'],
};

/** y[i] = max_j x[i, j] + 1. */
const fold: LoopKernel = {
  ...loop,
  reduced: 1,
  body: [{ op: 'load', input: 0, dtype: 'float32' }],
  reductions: [{ op: 'max', value: 0 }],
  epilogue: [
    { op: 'const', value: 1, dtype: 'float32' },
    { op: 'add', args: [1, 2], dtype: 'float32' },
  ],
  stores: [{ view: view(1, [1, 0]), value: 3 }],
};

const dot: DotKernel = {
  kind: 'dot',
  dtype: 'float32',
  batch: [],
  m: [2],
  n: [2],
  k: [3],
  a: view(0, [3, 1]),
  b: view(0, [1, 3]),
  inputs: [],
  epilogue: [],
  stores: [{ view: view(1, [2, 1]), value: 0 }],
  scopes: [],
};

const gather: GatherKernel = {
  kind: 'gather',
  batch: [],
  index: [2],
  limits: [3],
  slice: [],
  x: view(2, [1]),
  indices: view(0, [1, 1], { dtype: 'int32' }),
  out: view(1, [1]),
  site: 0,
  scopes: [],
};

const cumulate: CumulateKernel = {
  kind: 'cumulate',
  op: 'sum',
  exclusive: false,
  shape: [2, 3],
  x: view(0, [3, 1]),
  out: view(1, [3, 1]),
  scopes: [],
};

const sort: SortKernel = {
  kind: 'sort',
  descending: false,
  shape: [2, 3],
  inputs: [view(0, [3, 1])],
  outputs: [view(1, [3, 1])],
  scopes: [],
};

/** Windows of two of the six entries of the inout slot. */
const windows: ScatterKernel = {
  kind: 'scatter',
  mode: 'set',
  batch: [],
  index: [],
  limits: [5],
  slice: [2],
  updates: view(0, [1]),
  indices: view(0, [1], { dtype: 'int32' }),
  out: view(2, [1, 1]),
  site: null,
  scopes: [],
};

const slots = [slot('input'), slot('output'), slot('inout'), slot('temp')];

function program(kernels: readonly Kernel[], rest: Partial<Program> = {}): Program {
  return { key: 'test', slots, scalars: [], kernels, faults: null, ...rest };
}

/** The one output slot is written by `loop`, so that a broken second kernel is all that is wrong. */
const after = (kernel: Kernel, rest: Partial<Program> = {}): Program => program([loop, kernel], rest);
const loopWith = (change: Partial<LoopKernel>): Program => program([{ ...loop, ...change }]);
const foldWith = (change: Partial<LoopKernel>): Program => program([{ ...fold, ...change }]);
const faulted = (sites: readonly number[], rest: Partial<Program> = {}): Partial<Program> => ({
  slots: [...slots.slice(0, 3), slot('output', 8)],
  faults: { slot: 3, sites: sites.map((limit) => ({ op: 'gather', scope: '', limit })) },
  ...rest,
});

describe('sound programs pass', () => {
  const inPlace: LoopKernel = {
    ...loop,
    inputs: [view(2, [3, 1])],
    stores: [...loop.stores, { view: view(2, [3, 1]), value: 1 }],
  };
  const turning = (rest: Partial<LoopKernel>): LoopKernel => ({ ...loop, shape: [3], ...rest });
  const programs: Readonly<Record<string, Program>> = {
    loop: program([loop]),
    fold: program([fold]),
    dot: program([dot]),
    gather: program([gather], faulted([3])),
    'in place': program([inPlace]),
    cumulate: program([cumulate]),
    sort: program([sort]),
    'overlapping windows, one of which is written': after(windows),
    'a temporary, then its use': program([
      { ...loop, stores: [{ view: view(3, [3, 1]), value: 1 }] },
      { ...loop, inputs: [view(3, [1, 2])] },
    ]),
    'an empty view anywhere': program([loop, { ...loop, shape: [0, 3], inputs: [view(0, [3, 1], { offset: 99 })] }]),
    'two stores apart in one slot': program([
      {
        ...loop,
        shape: [3],
        inputs: [view(0, [1])],
        stores: [0, 1].map((offset) => ({ view: view(1, [2], { offset }), value: offset })),
      },
    ]),
    'strides that do not nest but never meet': program([
      { ...loop, shape: [2, 2], stores: [{ view: view(1, [2, 3]), value: 1 }] },
    ]),
    'turns within the slot': program([
      {
        kind: 'repeat',
        count: 2,
        scopes: [],
        kernels: [
          turning({
            inputs: [view(0, [1], { turns: [3] })],
            stores: [{ view: view(1, [-1], { offset: 5, turns: [-3] }), value: 1 }],
          }),
        ],
      },
    ]),
  };
  test.each(Object.entries(programs))('%s', (_, sound) => {
    expect(() => checkProgram(sound, device)).not.toThrow();
  });
});

describe('broken promises are named', () => {
  const repeat = (kernel: Kernel, count = 2): Program =>
    after({ kind: 'repeat', count, kernels: [kernel], scopes: [] });
  const boolSlot = view(2, [3, 1], { dtype: 'bool' });
  const broken: readonly (readonly [what: string, program: Program, message: string])[] = [
    [
      'order of slots',
      program([loop], { slots: [slot('temp'), slot('output')] }),
      'slot 1 (output): expected slots of run before temporary ones',
    ],
    [
      'size of a slot',
      program([loop], { slots: [slot('input', 5000), slot('output')] }),
      'slot 0: expected a whole number of bytes up to 4096, received 5000',
    ],
    ['output that nothing writes', program([]), 'slot 1: expected an output that some kernel writes'],
    ['scalar dtype', program([loop], { scalars: ['float9' as 'float32'] }), 'scalar 0: expected a dtype of the device'],
    [
      'slot number',
      loopWith({ inputs: [view(7, [3, 1])] }),
      'kernel 0 (loop, dense_1), input 0: expected a slot in [0, 3], received 7',
    ],
    ['stride count', loopWith({ inputs: [view(0, [1])] }), 'input 0: expected 2 strides (axes [2, 3]), received [1]'],
    [
      'past the end',
      loopWith({ inputs: [view(0, [3, 1], { offset: 1 })] }),
      'input 0: expected a view within elements 0 to 5 of slot 0 (24 bytes of float32), received elements 1 to 6',
    ],
    ['before the start', loopWith({ inputs: [view(0, [-3, 1])] }), 'received elements -3 to 2'],
    [
      'wide elements',
      loopWith({
        inputs: [view(0, [3, 1], { dtype: 'float64' })],
        body: [
          { op: 'load', input: 0, dtype: 'float64' },
          { op: 'cast', args: [0], dtype: 'float32' },
        ],
      }),
      'elements 0 to 2 of slot 0 (24 bytes of float64), received elements 0 to 5',
    ],
    [
      'store past the end',
      loopWith({ stores: [{ view: view(1, [4, 1]), value: 1 }] }),
      'store 0: expected a view within',
    ],
    [
      'store to an input',
      loopWith({ stores: [...loop.stores, { view: view(0, [3, 1]), value: 1 }] }),
      'store 1: expected a slot that may be written, received slot 0 (input)',
    ],
    [
      'store that overlaps itself',
      loopWith({ stores: [{ view: view(1, [1, 1]), value: 1 }] }),
      'store 0: expected a view that writes each element once',
    ],
    [
      'two stores that meet',
      loopWith({ stores: [...loop.stores, { view: view(1, [3, 1]), value: 0 }] }),
      'store 1: expected a view apart from store 0',
    ],
    [
      'store of nothing',
      loopWith({ stores: [{ view: view(1, [3, 1]), value: 2 }] }),
      'store 0: expected a value in 0 to 1, received 2',
    ],
    [
      'store of another dtype',
      loopWith({ stores: [...loop.stores, { view: boolSlot, value: 1 }] }),
      'store 1: expected a view of float32 for value 1, received bool',
    ],
    [
      'in place elsewhere',
      loopWith({ inputs: [view(2, [1, 2])], stores: [...loop.stores, { view: view(2, [3, 1]), value: 1 }] }),
      'input 0: expected the very view of store 1 (slot 2 float32 from 0 by [3, 1]), which shares slot 2, received slot 2 float32 from 0 by [1, 2]',
    ],
    [
      'temporary before its store',
      loopWith({ inputs: [view(3, [3, 1])] }),
      'input 0: expected a slot that holds something, received slot 3 (temp), not yet written',
    ],
    [
      'output as input',
      after({ ...loop, inputs: [view(1, [3, 1])], stores: [{ view: view(1, [1, 2]), value: 1 }] }),
      'kernel 1 (loop, dense_1), input 0: expected the very view of store 0',
    ],
    [
      'region limit',
      program([{ ...loop, inputs: [0, 2, 3, 4].map((number) => view(number, [3, 1])) }], {
        slots: [...slots, slot('temp')],
      }),
      'expected at most 4 distinct slots, received 5 (0, 2, 3, 4, 1)',
    ],
    [
      'later argument',
      loopWith({ body: [{ op: 'add', args: [0, 1], dtype: 'float32' }] }),
      'body step 0 (add, value 0): expected arguments among values 0 to -1',
    ],
    [
      'arity',
      loopWith({ body: [loop.body[0]!, { op: 'add', args: [0], dtype: 'float32' }] }),
      'body step 1 (add, value 1): expected 2 arguments, received 1',
    ],
    [
      'unknown opcode',
      loopWith({ body: [loop.body[0]!, { op: 'mod' as 'rem', args: [0, 0], dtype: 'float32' }] }),
      'expected an opcode (neg, ',
    ],
    [
      'result dtype',
      loopWith({ body: [loop.body[0]!, { op: 'lt', args: [0, 0], dtype: 'float32' }] }),
      'expected a result of bool, received float32',
    ],
    [
      'argument dtypes',
      loopWith({ body: [loop.body[0]!, { op: 'and', args: [0, 0], dtype: 'float32' }] }),
      'expected dtypes that the primitive takes, received float32, float32',
    ],
    [
      'load of another dtype',
      loopWith({ body: [{ op: 'load', input: 0, dtype: 'int32' }, loop.body[1]!] }),
      'expected the dtype of input 0 (float32), received int32',
    ],
    [
      'load of no input',
      loopWith({ body: [{ op: 'load', input: 1, dtype: 'float32' }, loop.body[1]!] }),
      'expected the dtype of input 1 (there are 1)',
    ],
    [
      'constant out of range',
      loopWith({ body: [loop.body[0]!, { op: 'const', value: 1.5, dtype: 'int32' }] }),
      'expected a value of int32, received 1.5',
    ],
    [
      'no such scalar',
      loopWith({ body: [loop.body[0]!, { op: 'scalar', index: 0, dtype: 'float32' }] }),
      'expected the dtype of scalar 0 (there are 0)',
    ],
    [
      'no such axis',
      loopWith({ body: [loop.body[0]!, { op: 'index', axis: 2, dtype: 'float32' }] }),
      'expected an axis below 2, received 2',
    ],
    ['reduced axes', loopWith({ reduced: 3 }), 'expected 0 to 2 reduced axes, received 3'],
    [
      'fold of a later value',
      foldWith({ reductions: [{ op: 'max', value: 1 }] }),
      'reduction 0: expected a number of the body (values 0 to 0), received value 1',
    ],
    [
      'store after the fold on a reduced axis',
      foldWith({ stores: [{ view: view(1, [3, 1]), value: 3 }] }),
      'store 0 (of a value after the fold): expected stride 0 on the last 1 (reduced) axes',
    ],
    [
      'epilogue that loads a reduced axis',
      foldWith({
        inputs: [...fold.inputs, view(2, [3, 1])],
        epilogue: [{ op: 'load', input: 1, dtype: 'float32' }, fold.epilogue[1]!],
      }),
      'input 1 (loaded by the epilogue): expected stride 0 on the last 1 (reduced) axes',
    ],
    [
      'epilogue that sees the body',
      foldWith({ epilogue: [fold.epilogue[0]!, { op: 'add', args: [0, 2], dtype: 'float32' }] }),
      'epilogue step 1 (add, value 3): expected arguments among values 1 to 2, received 0',
    ],
    [
      'epilogue that asks a reduced axis',
      foldWith({ epilogue: [{ op: 'index', axis: 1, dtype: 'float32' }, fold.epilogue[1]!] }),
      'expected an axis below 1, received 1',
    ],
    [
      'epilogue without a fold',
      loopWith({ epilogue: [fold.epilogue[0]!] }),
      'expected an epilogue only after reductions',
    ],
    [
      'dot of another dtype',
      program([{ ...dot, a: view(0, [3, 1], { dtype: 'int32' }) }]),
      'kernel 0 (dot), a: expected float32, received int32',
    ],
    [
      'dot into its operand',
      after({ ...dot, b: view(1, [1, 3]) }),
      'kernel 1 (dot), b: expected another slot than store 0',
    ],
    ['gather without faults', program([gather]), 'kernel 0 (gather): expected a program with a fault slot'],
    ['fault site', program([gather], faulted([4])), 'site 0: expected a fault site with limit 3, received limit 4'],
    [
      'missing fault site',
      program([{ ...gather, site: 1 }], faulted([3])),
      'site 1: expected a fault site with limit 3, received 1 sites',
    ],
    [
      'fault slot too small',
      program([gather], faulted([3], { slots: [...slots.slice(0, 3), slot('output', 4)] })),
      'faults: expected an output or inout slot of at least 8 bytes, received output of 4 bytes',
    ],
    [
      'fault slot that is temporary',
      program([gather], faulted([3], { slots })),
      'faults: expected an output or inout slot of at least 8 bytes, received temp of 24 bytes',
    ],
    [
      'indices of another dtype',
      program([{ ...gather, indices: view(0, [1, 1]) }], faulted([3])),
      'indices: expected int32, received float32',
    ],
    [
      'gather into its source',
      program([{ ...gather, out: view(2, [1]) }, loop], faulted([3])),
      'x: expected another slot than out',
    ],
    [
      'overlapping windows, several of which are written',
      after({ ...windows, index: [2], updates: view(0, [2, 1]), indices: view(0, [1, 0], { dtype: 'int32' }) }),
      'kernel 1 (scatter), out: expected a view that writes each element once',
    ],
    [
      'windows past the end',
      after({ ...windows, limits: [6] }),
      'out (its starting values): expected a view within elements 0 to 5 of slot 2 (24 bytes of float32), received elements 0 to 6',
    ],
    ['cumulate without an axis', program([{ ...cumulate, shape: [] }]), 'expected an axis to cumulate, received none'],
    [
      'cumulate into another dtype',
      program([{ ...cumulate, out: view(1, [3, 1], { dtype: 'int32' }) }]),
      'expected x and out of one number dtype, received float32 and int32',
    ],
    [
      'sort into its keys',
      after({ ...sort, outputs: [view(0, [3, 1])] }),
      'kernel 1 (sort), output 0: expected a slot that may be written, received slot 0 (input)',
    ],
    [
      'sort without a place for the payload',
      program([{ ...sort, inputs: [...sort.inputs, view(2, [3, 1])] }]),
      'expected keys first, outputs of float32, float32, received float32',
    ],
    [
      'missing turns',
      repeat(loop),
      'kernel 1 (repeat) > kernel 0 (loop, dense_1), input 0: expected 1 turns (one per enclosing repeat), received []',
    ],
    [
      'turns past the end',
      repeat({
        ...loop,
        shape: [3],
        inputs: [view(0, [1], { turns: [4] })],
        stores: [{ view: view(1, [1], { turns: [3] }), value: 1 }],
      }),
      'received elements 0 to 6',
    ],
    ['count', repeat(loop, -1), 'expected a whole number of turns, received -1'],
  ];
  test.each(broken)('%s', (_, wrong, message) => {
    expect(() => checkProgram(wrong, device)).toThrow(message);
  });

  test('a kernel that the backend refuses', () => {
    const refusing = { ...device, accepts: (kernel: Kernel): boolean => kernel.kind !== 'dot' };
    expect(() => checkProgram(program([loop]), refusing)).not.toThrow();
    expect(() => checkProgram(after(dot), refusing)).toThrow(
      'kernel 1 (dot): expected a kernel that the backend accepts',
    );
  });

  test('a dtype that the device lacks', () => {
    const { int32: _, ...rest } = bytes;
    const wrong = loopWith({ body: [...loop.body, { op: 'cast', args: [0], dtype: 'int32' }] });
    expect(() => checkProgram(wrong, { ...device, bytes: rest })).toThrow(
      'expected a dtype of the device (bool, int8,',
    );
  });
});
