/** What a backend is asked around its kernels: memory, programs, regions, temporaries, faults, refusals. */
import {
  DTypeError,
  ResourceError,
  ValueError,
  type DType,
  type Instruction,
  type Kernel,
  type LoopKernel,
  type Program,
  type Region,
  type View,
} from '@antler/core';
import { describe, expect, test } from '@jest/globals';
import {
  algorithmKernels,
  basicKernels,
  convolutionKernels,
  createJsBackend,
  indexingKernels,
  interpretedKernels,
  jsBackendOf,
  orderingKernels,
  specialKernels,
  type JsProgram,
  type Kernels,
} from '../src/index.js';
import { allKernels, tableOf } from '../src/kernels.js';
import { layouts, view } from './harness.js';

const backend = createJsBackend();

describe('memory', () => {
  test('impossible sizes are a ResourceError, and the next allocation works', () => {
    expect(() => backend.alloc(1e15)).toThrow(ResourceError);
    expect(() => backend.alloc(1e15)).toThrow(
      'alloc: expected at most 2147483648 bytes in one buffer, received 1000000000000000 bytes.',
    );
    expect(backend.alloc(16).byteLength).toBe(16);
  });

  test.each(layouts)('what is written is read (%s)', async (_, options) => {
    const backend = createJsBackend(options);
    const region = { buffer: backend.alloc(128), byteOffset: 64 };
    const host = Int8Array.of(-128, -1, 0, 1, 127);
    backend.write(region, host, 'int8');
    host.fill(5);
    const copy = new Int8Array(await backend.read(region, 5, 'int8'));
    expect([...copy]).toEqual([-128, -1, 0, 1, 127]);
    copy.fill(9);
    expect([...new Int8Array(backend.readSync!(region, 2, 'int8'))]).toEqual([-128, -1]);
  });

  test('a write takes part of a larger array, at any byte', () => {
    const bytes = new Uint8Array(13);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 5);
    const region = { buffer: backend.alloc(8), byteOffset: 0 };
    backend.write(region, bytes.subarray(5), 'float32');
    expect([...new Float32Array(backend.readSync!(region, 2, 'float32'))]).toEqual([1.5, -2]);
  });

  test('a read is as of its place in the order of calls', async () => {
    const region = { buffer: backend.alloc(4), byteOffset: 0 };
    backend.write(region, Float32Array.of(1), 'float32');
    const before = backend.read(region, 1, 'float32');
    backend.write(region, Float32Array.of(2), 'float32');
    expect(new Float32Array(await before)[0]).toBe(1);
  });

  test('layouts that do not exist are refused', () => {
    expect(() => createJsBackend({ bytes: { float32: 8 } })).toThrow(ValueError);
    expect(() => createJsBackend({ bytes: { float16: 2 } })).toThrow('float16 of 4 bytes, received 2 bytes');
    const region = { buffer: backend.alloc(8), byteOffset: 0 };
    expect(() => backend.write(region, new Uint16Array(1), 'int16' as DType)).toThrow(DTypeError);
  });
});

/** out = x + 1 over [n]; slot 0 in, slot 1 out, by way of a temporary. */
function increment(n: number): Program {
  const step = (from: number, to: number): LoopKernel => ({
    kind: 'loop',
    shape: [n],
    reduced: 0,
    inputs: [view(from, 'float32', [1])],
    body: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'const', value: 0.5, dtype: 'float32' },
      { op: 'add', args: [0, 1], dtype: 'float32' },
    ],
    reductions: [],
    epilogue: [],
    stores: [{ view: view(to, 'float32', [1]), value: 2 }],
    scopes: [],
  });
  return {
    key: `increment ${n}`,
    slots: [
      { bytes: 4 * n, role: 'input' },
      { bytes: 4 * n, role: 'output' },
      { bytes: 4 * n, role: 'temp' },
    ],
    scalars: [],
    kernels: [step(0, 2), step(2, 1)],
    faults: null,
  };
}

async function runIncrement(n: number, byteOffset = 0): Promise<number[]> {
  const program = await backend.compile(increment(n));
  const x = { buffer: backend.alloc(4 * n + byteOffset), byteOffset };
  const out = { buffer: backend.alloc(4 * n), byteOffset: 0 };
  backend.write(
    x,
    Float32Array.from({ length: n }, (_, i) => i),
    'float32',
  );
  backend.run(program, [x, out], new Float64Array(0));
  return [...new Float32Array(await backend.read(out, n, 'float32'))];
}

describe('programs', () => {
  test('run on any region, with temporaries in an arena that grows', async () => {
    expect(await runIncrement(3, 8)).toEqual([1, 2, 3]);
    expect(await runIncrement(1000)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(await runIncrement(2)).toEqual([1, 2]);
    expect(backend.scratch(await backend.compile(increment(17)))).toBe(128);
  });

  test('a wrong number of regions is told', async () => {
    const program = await backend.compile(increment(1));
    expect(() => backend.run(program, [], new Float64Array(0))).toThrow('run: expected 2 regions, received 0.');
  });

  test('profile gives a time for each kernel and computes as run does', async () => {
    const program = await backend.compile(increment(4));
    const regions = [0, 1].map(() => ({ buffer: backend.alloc(16), byteOffset: 0 }));
    const times = await backend.profile!(program, regions, new Float64Array(0));
    expect(times).toHaveLength(2);
    expect(times.every((ms) => ms >= 0)).toBe(true);
    expect(new Float32Array(backend.readSync!(regions[1]!, 1, 'float32'))[0]).toBe(1);
  });

  test('a fault slot that is an output begins at zero', async () => {
    const kernel: Kernel = {
      kind: 'gather',
      batch: [],
      index: [1],
      limits: [2],
      slice: [],
      indices: view(1, 'int32', [1, 1]),
      site: 0,
      x: view(0, 'float32', [1]),
      out: view(2, 'float32', [1]),
      scopes: [],
    };
    const program = await backend.compile({
      key: 'gather',
      slots: (['input', 'input', 'output', 'output'] as const).map((role) => ({ bytes: 8, role })),
      scalars: [],
      kernels: [kernel],
      faults: { slot: 3, sites: [{ op: 'gather', scope: '', limit: 2 }] },
    });
    const regions = [0, 1, 2, 3].map(() => ({ buffer: backend.alloc(8), byteOffset: 0 }));
    const faultAfter = (index: number): number[] => {
      backend.write(regions[1]!, Int32Array.of(index), 'int32');
      backend.run(program, regions, new Float64Array(0));
      return [...new Int32Array(backend.readSync!(regions[3]!, 2, 'int32'))];
    };
    expect(faultAfter(7)).toEqual([1, 7]);
    expect(faultAfter(1)).toEqual([0, 0]);
  });

  test('composites are refused', () => {
    const composite: Kernel = { kind: 'composite', name: 'softmax', params: {}, inputs: [], outputs: [], scopes: [] };
    expect(backend.accepts(composite)).toBe(false);
    expect(backend.accepts(increment(1).kernels[0]!)).toBe(true);
    expect(() => backend.compile({ ...increment(1), kernels: [composite] })).toThrow(ValueError);
  });

  test('a dtype without storage is a DTypeError at compile', () => {
    const program = increment(1);
    const kernel = { ...(program.kernels[0] as LoopKernel), inputs: [view(0, 'int16' as DType, [1])] };
    expect(() => backend.compile({ ...program, kernels: [kernel] })).toThrow(DTypeError);
  });
});

describe('backends of some kernels', () => {
  const at = (slot: number): View => ({ slot, dtype: 'float32', offset: 0, strides: [1] });
  const sorting: Program = {
    key: 'sorting',
    slots: [
      { bytes: 12, role: 'input' },
      { bytes: 12, role: 'output' },
    ],
    scalars: [],
    kernels: [{ kind: 'sort', descending: false, shape: [3], inputs: [at(0)], outputs: [at(1)], scopes: [] }],
    faults: null,
  };

  const loopOf = (step: Instruction): LoopKernel => ({
    kind: 'loop',
    shape: [3],
    reduced: 0,
    inputs: [at(0)],
    body: [{ op: 'load', input: 0, dtype: 'float32' }, step],
    reductions: [],
    epilogue: [],
    stores: [{ view: { ...at(1), dtype: step.dtype }, value: 1 }],
    scopes: [],
  });
  const bitsOf = loopOf({ op: 'bitcast', args: [0], dtype: 'int32' });
  const sumOf = loopOf({ op: 'add', args: [0, 0], dtype: 'float32' });

  test('what is missing is an error that says what to add', () => {
    expect(() => jsBackendOf([basicKernels, indexingKernels])().compile(sorting)).toThrow(
      'compile: expected a js backend with the kernel sort, received one made without it. ' +
        "Add orderingKernels from '@antler/backend-js' to those that jsBackendOf is given.",
    );
    const backend = jsBackendOf([basicKernels, orderingKernels])();
    const [from, to] = [0, 1].map(() => ({ buffer: backend.alloc(12), byteOffset: 0 })) as [
      Region<ArrayBuffer>,
      Region<ArrayBuffer>,
    ];
    backend.write(from, Float32Array.of(3, 1, 2), 'float32');
    backend.run(backend.compile(sorting) as JsProgram, [from, to], new Float64Array(0));
    expect([...new Float32Array(backend.readSync!(to, 3, 'float32'))]).toEqual([1, 2, 3]);
  });

  test.each([
    ['text cannot say', bitsOf, {}],
    ['may not be text', sumOf, { generate: false }],
  ])('the interpreter is asked for where a kernel %s', (_, kernels, options) => {
    const compile = (families: readonly Kernels[]) => (): unknown =>
      jsBackendOf(families, options)().compile({ ...sorting, kernels: [kernels] });
    expect(compile([basicKernels])).toThrow(
      'compile: expected a js backend with an interpreter, received one made without it. ' +
        "Add interpretedKernels from '@antler/backend-js' to those that jsBackendOf is given.",
    );
    expect(compile([basicKernels, interpretedKernels])).not.toThrow();
  });

  test('the error function is asked for where a kernel calls it', () => {
    const erfOf = loopOf({ op: 'erf', args: [0], dtype: 'float32' });
    expect(() => jsBackendOf([basicKernels])().compile({ ...sorting, kernels: [erfOf] })).toThrow(
      'compile: expected a js backend with the kernel erf, received one made without it. ' +
        "Add specialKernels from '@antler/backend-js' to those that jsBackendOf is given.",
    );
  });

  test('the families have all kernels', () => {
    const kernels = [basicKernels, indexingKernels, convolutionKernels, orderingKernels, algorithmKernels];
    expect(tableOf([...kernels, interpretedKernels, specialKernels])).toEqual(allKernels);
  });
});
