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
  });
}
