/** The Backend interface on WebGPU: programs written by hand, checked against plain arithmetic. */
import { runInThisContext } from 'node:vm';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  Variable,
  jit,
  matmul,
  random,
  registerBackends,
  relu,
  setBackend,
  setFusion,
  softmaxCrossEntropy,
  tensor,
  valueAndGrad,
  viewAs,
  zeros,
} from '@antler/core';
import type {
  DotKernel,
  DType,
  Fusion,
  Instruction,
  LoopKernel,
  Opcode,
  Program,
  Slot,
  Tensor,
  View,
} from '@antler/core';
import { withProbe } from './available.js';
import { createWebGpuProbe } from './backend.js';

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

await withProbe((backend) => {
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

  registerBackends({ reference: createJsBackend, probe: () => backend });
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

    test('what it cannot do is a typed error', async () => {
      expect(() => backend.alloc(backend.limits.maxBufferBytes + 4)).toThrow('alloc: expected <= ');
      const wrong = loop({
        shape: [4],
        body: [{ op: 'index', axis: 9, dtype: 'int32' }],
        stores: [{ view: view(0, [1], 'int32'), value: 0 }],
        scopes: ['dense_1'],
      });
      const message = /^compile: expected valid WGSL, received [^]*unresolved value 'i9'[^]*Layers: dense_1\.$/;
      await expect(execute([wrong], [new Int32Array(4)])).rejects.toThrow(message);
    });

    test('without a driver it says what to install', async () => {
      const environment = runInThisContext('process.env') as NodeJS.ProcessEnv;
      const driver = environment.VK_ICD_FILENAMES;
      environment.VK_ICD_FILENAMES = 'no-driver.json';
      const opening = createWebGpuProbe();
      await expect(opening).rejects.toThrow(
        'createWebGpuProbe: expected a WebGPU adapter, received none. Install chromium-common and libvulkan1, or',
      );
      if (driver === undefined) delete environment.VK_ICD_FILENAMES;
      else environment.VK_ICD_FILENAMES = driver;
    });

    test.each<[string, Fusion, boolean]>([
      ['node by node', 'never', false],
      ['fused', 'always', false],
      ['jit', 'auto', true],
    ])(
      'a classifier trains with the losses that the reference has: %s',
      async (_, fusion, compiled) => {
        setFusion(fusion);
        await setBackend('reference');
        const expected = await lossesOfTraining(compiled);
        await setBackend('probe');
        const losses = await lossesOfTraining(compiled);
        setFusion('auto');
        losses.forEach((loss, step) => expect(loss).toBeCloseTo(expected[step]!, 5));
        expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      },
      60_000,
    );
  });
});

/** Trains a classifier with a hidden layer by gradient descent with momentum. */
async function lossesOfTraining(compiled: boolean): Promise<number[]> {
  const [key1, key2, key3] = random.split(random.key(7), 3) as [Tensor, Tensor, Tensor];
  const hidden = new Variable(random.normal([8, 32], { stddev: 0.4, key: key1 }));
  const bias = new Variable(zeros([32]));
  const output = new Variable(random.normal([32, 3], { stddev: 0.4, key: key2 }));
  const weights = [hidden, bias, output] as const;
  const momenta = weights.map(({ shape }) => new Variable(zeros(shape)));
  const x = random.normal([24, 8], { key: key3 });
  const y = tensor(Float32Array.from({ length: 72 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3))).reshape([
    24, 3,
  ]);
  const step = (rate: number): Tensor => {
    const [loss, gradients] = valueAndGrad((_: readonly Variable[]) =>
      softmaxCrossEntropy(y, matmul(relu(matmul(x, hidden).add(bias)), output)).mean(),
    )(weights);
    weights.forEach((weight, i) => {
      momenta[i]!.assign(momenta[i]!.value.mul(0.9).add(gradients[i]!));
      weight.assignSub(momenta[i]!.value.mul(rate));
    });
    return loss;
  };
  const run = compiled ? jit(step) : step;
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) losses.push(Number(await run(0.1).item()));
  return losses;
}
