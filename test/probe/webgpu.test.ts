/** The Backend interface on WebGPU: programs written by hand, checked against plain arithmetic. */
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  dtypes,
  type DotKernel,
  type DType,
  type Instruction,
  type LoopKernel,
  type Opcode,
  type Program,
  type Slot,
  type View,
  viewAs,
} from '@antler/core';
import { createWebGpuProbe } from './backend.js';

const opened = await createWebGpuProbe().catch((error: unknown) => error as Error);

type Host = Float32Array | Int32Array | Uint32Array | Uint8Array;

const dtypeNames = { Float32Array: 'float32', Int32Array: 'int32', Uint32Array: 'uint32', Uint8Array: 'bool' } as const;

function dtypeOf(data: Host): DType {
  return dtypeNames[data.constructor.name as keyof typeof dtypeNames];
}

function view(slot: number, strides: readonly number[], dtype: DType = 'float32', offset = 0): View {
  return { slot, dtype, offset, strides };
}

function load(input: number, dtype: DType = 'float32'): Instruction {
  return { op: 'load', input, dtype };
}

function apply(op: Opcode, args: readonly number[], dtype: DType = 'float32'): Instruction {
  return { op, args, dtype };
}

function loop(parts: Partial<LoopKernel>): LoopKernel {
  return {
    kind: 'loop',
    shape: [],
    reduced: 0,
    inputs: [],
    body: [],
    reductions: [],
    epilogue: [],
    stores: [],
    scopes: [],
    ...parts,
  };
}

function dot(parts: Partial<DotKernel> & Pick<DotKernel, 'a' | 'b' | 'stores'>): DotKernel {
  return {
    kind: 'dot',
    dtype: 'float32',
    batch: [],
    m: [],
    n: [],
    k: [],
    inputs: [],
    epilogue: [],
    scopes: [],
    ...parts,
  };
}

/** Random numbers that are the same in every run. */
function noise(length: number): Float32Array {
  let state = length;
  return Float32Array.from({ length }, () => ((state = (state * 16807) % 2147483647) / 2147483647) * 4 - 2);
}

if (opened instanceof Error) {
  // Continuous integration has a driver; a machine without one says why nothing was tested.
  if (process.env.CI) test('webgpu probe', () => expect(opened.message).toBe('a WebGPU device'));
  else test.skip(`webgpu probe: ${opened.message}`, () => undefined);
} else {
  const backend = opened;

  /** Runs one program; `memory` has the starting content of each slot, and the result its content afterwards. */
  const execute = async (
    kernels: Program['kernels'],
    memory: readonly Host[],
    scalars: readonly [DType, number][] = [],
    temporaries: readonly number[] = [],
  ): Promise<Host[]> => {
    const slots: Slot[] = memory.map(({ length }) => ({ bytes: length * 4, role: 'inout' }));
    for (const bytes of temporaries) slots.push({ bytes, role: 'temp' });
    const program = {
      key: JSON.stringify([kernels, slots]),
      slots,
      scalars: scalars.map(([dtype]) => dtype),
      kernels,
      faults: null,
    };
    const executable = await backend.compile(program);
    const regions = memory.map(({ length }) => ({ buffer: backend.alloc(length * 4), byteOffset: 0 }));
    regions.forEach((region, slot) => backend.write(region, memory[slot]!, dtypeOf(memory[slot]!)));
    backend.run(
      executable,
      regions,
      Float64Array.from(scalars, ([, value]) => value),
    );
    const read = regions.map(async (region, slot) => {
      const { length } = memory[slot]!;
      const dtype = dtypeOf(memory[slot]!);
      return viewAs(dtype, await backend.read(region, length, dtype), 0, length) as Host;
    });
    for (const { buffer } of regions) backend.free(buffer);
    return Promise.all(read);
  };

  afterAll(() => backend.dispose());

  describe('webgpu probe', () => {
    test('an element-wise chain with broadcasts, a flip and a run-time scalar', async () => {
      const [x, row] = [noise(12), noise(4)];
      const kernel = loop({
        shape: [3, 4],
        inputs: [view(0, [4, 1]), view(1, [0, -1], 'float32', 3)],
        body: [
          load(0),
          load(1),
          apply('mul', [0, 1]),
          { op: 'scalar', index: 0, dtype: 'float32' },
          apply('add', [2, 3]),
          apply('tanh', [4]),
        ],
        stores: [{ view: view(2, [1, 3]), value: 5 }],
      });
      const [, , y] = await execute([kernel], [x, row, new Float32Array(12)], [['float32', 0.5]]);
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 4; j++) expect(y![i + 3 * j]).toBeCloseTo(Math.tanh(x[4 * i + j]! * row[3 - j]! + 0.5), 6);
      }
    });

    test('a softmax: two reductions over the inner axis, an epilogue, temporaries between kernels', async () => {
      const x = noise(3 * 70);
      const input = view(0, [70, 1]);
      const kernels = [
        loop({
          shape: [3, 70],
          reduced: 1,
          inputs: [input],
          body: [load(0)],
          reductions: [{ op: 'max', value: 0 }],
          stores: [{ view: view(2, [1, 0]), value: 1 }],
        }),
        loop({
          shape: [3, 70],
          reduced: 1,
          inputs: [input, view(2, [1, 0])],
          body: [load(0), load(1), apply('sub', [0, 1]), apply('exp', [2])],
          reductions: [{ op: 'sum', value: 3 }],
          epilogue: [{ op: 'const', value: 1, dtype: 'float32' }, apply('div', [5, 4])],
          stores: [
            { view: view(1, [70, 1]), value: 3 },
            { view: view(3, [1, 0]), value: 6 },
          ],
        }),
        loop({
          shape: [3, 70],
          inputs: [view(1, [70, 1]), view(3, [1, 0])],
          body: [load(0), load(1), apply('mul', [0, 1])],
          stores: [{ view: view(1, [70, 1]), value: 2 }],
        }),
      ];
      const [, y] = await execute(kernels, [x, new Float32Array(3 * 70)], [], [12, 12]);
      for (let i = 0; i < 3; i++) {
        const exp = Array.from(x.subarray(70 * i, 70 * i + 70), Math.exp);
        const sum = exp.reduce((a, b) => a + b);
        exp.forEach((e, j) => expect(y![70 * i + j]).toBeCloseTo(e / sum, 7));
      }
    });

    test('several stores, one of them in place, and a draw of random bits', async () => {
      const [w, g] = [noise(130), noise(131).subarray(1)];
      const updated = loop({
        shape: [130],
        inputs: [view(0, [1]), view(1, [1])],
        body: [
          load(0),
          load(1),
          { op: 'scalar', index: 1, dtype: 'float32' },
          apply('mul', [1, 2]),
          apply('sub', [0, 3]),
          { op: 'const', value: 0, dtype: 'float32' },
          apply('lt', [5, 1], 'bool'),
          { op: 'scalar', index: 0, dtype: 'uint32' },
          { op: 'index', axis: 0, dtype: 'uint32' },
          { op: 'const', value: 0, dtype: 'uint32' },
          apply('random', [7, 7, 9, 8], 'uint32'),
        ],
        stores: [
          { view: view(0, [1]), value: 4 },
          { view: view(2, [1], 'bool'), value: 6 },
          { view: view(3, [1], 'uint32'), value: 10 },
        ],
      });
      const memory = [w, g, new Uint8Array(130), new Uint32Array(130)];
      const [after, , positive, bits] = await execute([updated], memory, [['uint32', 0], ['float32', 0.1]]); // prettier-ignore
      for (let i = 0; i < 130; i++) {
        expect(after![i]).toBeCloseTo(w[i]! - 0.1 * g[i]!, 6);
        expect(positive![i]).toBe(Number(g[i]! > 0));
      }
      // The published answer for a key and a counter of zeros.
      expect(bits![0]).toBe(0x6b200159);
      expect(new Set(bits).size).toBe(130);
    });

    test.each([
      ['small', [], [2], [3], [5]],
      ['ragged blocks, two axes each', [2], [3, 3], [2, 5], [4, 2]],
      ['one row', [3], [1], [9], [17]],
      ['no axes but k', [], [], [], [33]],
      ['an empty sum', [], [2], [2], [0]],
      ['many blocks', [], [67], [130], [65]],
    ])('a product with a bias and relu as epilogue: %s', async (_, batch, m, n, k) => {
      const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
      const strides = (shape: readonly number[]): number[] => shape.map((_, axis) => size(shape.slice(axis + 1)));
      const [B, M, N, K] = [size(batch), size(m), size(n), size(k)];
      const [a, b, bias, y] = [
        noise(B * M * K),
        noise(B * K * N + 1).subarray(1),
        noise(N),
        new Float32Array(B * M * N),
      ];
      const none = (shape: readonly number[]): number[] => shape.map(() => 0);
      const kernel = dot({
        batch,
        m,
        n,
        k,
        a: view(0, strides([...batch, ...m, ...k])),
        // b is kept transposed: [batch, n, k].
        b: view(1, [
          ...strides([...batch, N * K]).slice(0, batch.length),
          ...strides(k),
          ...strides(n).map((s) => s * K),
        ]),
        inputs: [view(2, [...none(batch), ...none(m), ...strides(n)])],
        epilogue: [load(0), apply('add', [0, 1]), { op: 'const', value: 0, dtype: 'float32' }, apply('max', [2, 3])],
        stores: [{ view: view(3, strides([...batch, ...m, ...n])), value: 4 }],
      });
      const [, , , out] = await execute([kernel], [a, b, bias, y]);
      for (let i = 0; i < y.length; i++) {
        const [batchIndex, row, column] = [Math.floor(i / (M * N)), Math.floor(i / N) % M, i % N];
        let sum = bias[column]!;
        for (let j = 0; j < K; j++) sum += a[(batchIndex * M + row) * K + j]! * b[(batchIndex * N + column) * K + j]!;
        expect(out![i]).toBeCloseTo(Math.max(sum, 0), 4);
      }
    });

    const odd = [
      0,
      -0,
      NaN,
      Infinity,
      -Infinity,
      0.5,
      -0.5,
      1,
      -1,
      1.5,
      2.5,
      -2.5,
      1e-7,
      -1e-7,
      1e-3,
      0.3,
      -0.49,
      0.51,
      3,
      -3,
      20,
      -20,
      88,
      1e10,
      -1e10,
    ];
    const erf = (x: number): number => {
      let sum = 0;
      for (let n = 0, term = x; n < 200; n++, term *= (-x * x) / n) sum += term / (2 * n + 1);
      return Math.abs(x) > 5 || x !== x ? Math.sign(x) : (sum * 2) / Math.sqrt(Math.PI);
    };
    const roundHalfToEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

    /** WGSL's own bound on exp, 3 + 2|x| units in the last place; the other functions do not depend on it that much. */
    const relativeToExp = (x: number): number => (3 + 2 * Math.abs(x)) * 2 ** -23;
    test.each<[Opcode, (x: number) => number, ((x: number) => number)?]>([
      ['neg', (x) => -x],
      ['abs', Math.abs],
      ['sign', Math.sign],
      ['floor', Math.floor],
      ['ceil', Math.ceil],
      ['round', roundHalfToEven],
      ['exp', Math.exp, relativeToExp],
      ['expm1', Math.expm1, relativeToExp],
      ['log', Math.log],
      ['log1p', Math.log1p],
      ['sqrt', Math.sqrt],
      ['tanh', Math.tanh],
      ['logistic', (x) => 1 / (1 + Math.exp(-x))],
      ['erf', erf],
    ])('%s of odd numbers', async (op, reference, tolerance = () => 1e-6) => {
      const x = Float32Array.from(odd);
      const kernel = loop({
        shape: [x.length],
        inputs: [view(0, [1])],
        body: [load(0), apply(op, [0])],
        stores: [{ view: view(1, [1]), value: 1 }],
      });
      const [, y] = await execute([kernel], [x, new Float32Array(x.length)]);
      const wrong = odd.flatMap((_, i) =>
        near(y![i]!, Math.fround(reference(x[i]!)), tolerance(x[i]!))
          ? []
          : [{ x: x[i], y: y![i], expected: reference(x[i]!) }],
      );
      expect(wrong).toEqual([]);
    });

    test.each<[Opcode, (x: number, y: number) => number]>([
      ['add', (x, y) => x + y],
      ['sub', (x, y) => x - y],
      ['mul', (x, y) => x * y],
      ['div', (x, y) => x / y],
      ['rem', (x, y) => x % y],
      ['pow', (x, y) => (x === 1 || (Math.abs(x) === 1 && Math.abs(y) === Infinity) ? 1 : x ** y)],
      ['max', Math.max],
      ['min', Math.min],
      ['atan2', Math.atan2],
    ])('%s of odd numbers', async (op, reference) => {
      const x = Float32Array.from(odd);
      const n = x.length;
      const kernel = loop({
        shape: [n, n],
        inputs: [view(0, [1, 0]), view(0, [0, 1])],
        body: [load(0), load(1), apply(op, [0, 1])],
        stores: [{ view: view(1, [n, 1]), value: 2 }],
      });
      const [, y] = await execute([kernel], [x, new Float32Array(n * n)]);
      const wrong = Array.from(y!, (value, i) => ({
        x: x[Math.floor(i / n)]!,
        y: x[i % n]!,
        value,
        expected: Math.fround(reference(x[Math.floor(i / n)]!, x[i % n]!)),
      }));
      expect(wrong.filter(({ value, expected }) => !near(value, expected, 1e-5))).toEqual([]);
    });
  });
}

/** Equal, both NaN, or within a relative tolerance; WGSL may make zero of what is below the smallest normal number. */
function near(value: number, expected: number, tolerance: number): boolean {
  if (!Number.isFinite(expected)) return Object.is(value, expected);
  return Math.abs(value - expected) <= tolerance * Math.abs(expected) + 2 ** -126;
}
