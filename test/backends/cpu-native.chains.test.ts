/** Chains and guards of the native backend's loops: the same bits as opcode by opcode on the reference backend. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import type { Backend, DotKernel, Instruction, Kernel, LoopKernel, Program, View } from '@antler/core';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

const binary = ['add', 'sub', 'mul', 'div', 'max', 'min'] as const;
const unary = ['neg', 'abs', 'sqrt'] as const;
type Link = (typeof binary | typeof unary)[number];

/** Whole tiles, parts of tiles and of vectors, and enough for several threads. */
const lengths = [0, 1, 511, 2048, 2100, 9000];

const row = (slot: number): View => ({ slot, dtype: 'float32', offset: 0, strides: [1] });
const word = (slot: number): View => ({ slot, dtype: 'int32', offset: 0, strides: [0] });

/** Slots 0 … 3 hold the values a … d, slot 4 the word that a guard looks at, slot 5 takes what else is stored. */
function programOf(length: number, kernel: Kernel): Program {
  const slots: Program['slots'] = [0, 1, 2, 3, 4, 5].map((slot) => ({
    bytes: slot === 4 ? 8 : 4 * length,
    role: 'inout',
  }));
  return { key: '', slots, scalars: [], kernels: [kernel], faults: null };
}

/** What is in the slots after a run. */
async function slotsAfter(backend: Backend, program: Program, length: number, isOpen: boolean): Promise<number[][]> {
  const random = seeded(length);
  const regions = program.slots.map(({ bytes }) => ({ buffer: backend.alloc(Math.max(8, bytes)), byteOffset: 0 }));
  for (const slot of [0, 1, 2, 3, 5]) {
    // The third is under a root.
    const values = Float32Array.from({ length }, () => (slot === 2 ? random() : 4 * random() - 2));
    backend.write(regions[slot]!, values, 'float32');
  }
  backend.write(regions[4]!, Int32Array.of(isOpen ? 0 : 7), 'int32');
  backend.run(await backend.compile(program), regions, new Float64Array());
  const read = async (slot: number): Promise<number[]> =>
    Array.from(new Uint32Array(await backend.read(regions[slot]!, length, 'float32')));
  return [await read(0), await read(5)];
}

const operate = (op: Link, ...args: number[]): Instruction => ({
  op,
  args,
  dtype: 'float32',
});

/** Steps after the loads 0 … 3 of a … d; the last one is the result. */
const expressions: Readonly<Record<string, readonly Instruction[]>> = {
  'a + (b − a) · c': [operate('sub', 1, 0), operate('mul', 4, 2), operate('add', 0, 5)],
  'c · (b − a) + a': [operate('sub', 1, 0), operate('mul', 2, 4), operate('add', 5, 0)],
  'a + (b · b − a) · c': [operate('mul', 1, 1), operate('sub', 4, 0), operate('mul', 5, 2), operate('add', 6, 0)],
  'a − b / (√c + d)': [operate('sqrt', 2), operate('add', 4, 3), operate('div', 1, 5), operate('sub', 0, 6)],
  'a − b / (d + √c)': [operate('sqrt', 2), operate('add', 3, 4), operate('div', 1, 5), operate('sub', 0, 6)],
  'b + (b − a) · c': [operate('sub', 1, 0), operate('mul', 4, 2), operate('add', 1, 5)],
  'a + (a − b) · c': [operate('sub', 0, 1), operate('mul', 4, 2), operate('add', 0, 5)],
  'a + (b · d − a) · c': [operate('mul', 1, 3), operate('sub', 4, 0), operate('mul', 5, 2), operate('add', 6, 0)],
  'b / (√c + d) − a': [operate('sqrt', 2), operate('add', 4, 3), operate('div', 1, 5), operate('sub', 6, 0)],
  'a step of Adam': [
    ...[operate('sub', 1, 0), operate('mul', 4, 2), operate('add', 0, 5)],
    ...[operate('mul', 1, 1), operate('sub', 7, 2), operate('mul', 8, 2), operate('add', 2, 9)],
    ...[operate('sqrt', 10), operate('add', 11, 3), operate('div', 6, 12), operate('sub', 0, 13)],
  ],
};

const loads = [0, 1, 2, 3].map((input): Instruction => ({ op: 'load', input, dtype: 'float32' }));

/** Stores the result over a, if the word is 0 for a guarded one, and another value beside it. */
function loopOf(length: number, steps: readonly Instruction[], beside: number, isGuarded: boolean): LoopKernel {
  const body = [...loads, ...steps];
  const result = body.length - 1;
  if (isGuarded) {
    body.push({ op: 'load', input: 4, dtype: 'int32' }, { op: 'const', value: 0, dtype: 'int32' });
    body.push({ op: 'eq', args: [result + 1, result + 2], dtype: 'bool' });
    body.push({ op: 'select', args: [result + 3, result, 0], dtype: 'float32' });
  }
  return {
    kind: 'loop',
    shape: [length],
    reduced: 0,
    inputs: [row(0), row(1), row(2), row(3), word(4)],
    body,
    reductions: [],
    epilogue: [],
    stores: [
      { view: row(0), value: body.length - 1 },
      { view: row(5), value: beside },
    ],
    scopes: [],
  };
}

/** x ← x + (a · b − x) · c after a product, guarded; sums go to `made`. */
function productOf(n: number): DotKernel {
  const matrix = (slot: number): View => ({ slot, dtype: 'float32', offset: 0, strides: [n, 1] });
  return {
    kind: 'dot',
    dtype: 'float32',
    batch: [],
    m: [n],
    n: [n],
    k: [n],
    a: matrix(1),
    b: matrix(2),
    inputs: [matrix(0), { ...word(4), strides: [0, 0] }],
    epilogue: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'load', input: 1, dtype: 'int32' },
      { op: 'const', value: 0, dtype: 'int32' },
      { op: 'eq', args: [2, 3], dtype: 'bool' },
      { op: 'const', value: 0.25, dtype: 'float32' },
      ...[operate('sub', 0, 1), operate('mul', 6, 5), operate('add', 1, 7)],
      { op: 'select', args: [4, 8, 1], dtype: 'float32' },
    ],
    stores: [
      { view: matrix(0), value: 9 },
      { view: matrix(5), value: 8 },
    ],
    scopes: [],
  };
}

/** What a program of 533 elements leaves in the slots that it stores to, when it begins with zeros of both signs and worse. */
async function floatsAfter(backend: Backend, program: Program): Promise<number[][]> {
  const length = 533;
  const odd = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-40, 3e38];
  const random = seeded(length);
  const regions = program.slots.map(({ bytes }) => ({ buffer: backend.alloc(Math.max(8, bytes)), byteOffset: 0 }));
  for (const slot of [0, 1, 2, 3, 5]) {
    const values = Float32Array.from({ length }, () =>
      random() < 0.3 ? odd[Math.floor(random() * odd.length)]! : 4 * random() - 2,
    );
    backend.write(regions[slot]!, values, 'float32');
  }
  backend.run(await backend.compile(program), regions, new Float64Array());
  const read = async (slot: number): Promise<number[]> =>
    Array.from(new Float32Array(await backend.read(regions[slot]!, length, 'float32')));
  return [await read(0), await read(5)];
}

withNative((create) => {
  const [js, native] = [createJsBackend(), create()];
  const cases = Object.entries(expressions).flatMap(([name, steps]) =>
    ['plain', 'guarded, open', 'guarded, closed'].map((how) => [name, how, steps] as const),
  );
  describe('a chain gives the bits of its opcodes', () => {
    test.each(cases)('%s, %s', async (_, how, steps) => {
      for (const length of lengths) {
        // An inner value that is stored as well must be there.
        for (const beside of [3, 4, 3 + steps.length]) {
          const program = programOf(length, loopOf(length, steps, beside, how !== 'plain'));
          const isOpen = how !== 'guarded, closed';
          const expected = await slotsAfter(js, program, length, isOpen);
          expect(await slotsAfter(native, program, length, isOpen)).toEqual(expected);
        }
      }
    });
  });

  test('random trees of opcodes give the bits of their opcodes, of odd numbers too', async () => {
    const random = seeded(5);
    const below = (n: number): number => Math.floor(random() * n);
    for (let round = 0; round < 60; round++) {
      // Mostly the latest values, so that chains become long, past the longest one.
      const steps = Array.from({ length: 1 + below(30) }, (_, i) => {
        const arg = (): number => (random() < 0.7 ? 3 + i - below(Math.min(2, 1 + i)) : below(4 + i));
        return random() < 0.3 ? operate(unary[below(3)]!, arg()) : operate(binary[below(6)]!, arg(), arg());
      });
      const program = programOf(533, loopOf(533, steps, 3 + below(steps.length), false));
      const expected = await floatsAfter(js, program);
      expect(await floatsAfter(native, program)).toEqual(expected);
    }
  });

  test('results past the caches', async () => {
    const length = 2 ** 22 + 5;
    const steps = [operate('mul', 1, 2), operate('add', 4, 3), operate('abs', 5)];
    const kernel = loopOf(length, steps, 6, false);
    const program = programOf(length, { ...kernel, stores: kernel.stores.slice(1) });
    const slots = [0, 1, 2, 3, 4, 5].map(() => Float32Array.from({ length }, (_, i) => Math.sin(i)));
    const bytes = await Promise.all(
      [js, native].map(async (backend: Backend) => {
        const regions = slots.map(({ byteLength }) => ({ buffer: backend.alloc(byteLength), byteOffset: 0 }));
        regions.forEach((region, slot) => backend.write(region, slots[slot]!, 'float32'));
        backend.run(await backend.compile(program), regions, new Float64Array());
        const result = await backend.read(regions[5]!, length, 'float32');
        return Buffer.from(result);
      }),
    );
    expect(bytes[0]!.readFloatLE(4 * 1000)).toBeCloseTo(Math.abs(Math.sin(1000) ** 2 + Math.sin(1000)), 6);
    expect(Buffer.compare(bytes[0]!, bytes[1]!)).toBe(0);
  });

  test.each([true, false])('a guard after a product, open: %s', async (isOpen) => {
    const n = 8;
    const program = programOf(n * n, productOf(n));
    const [x, made] = await slotsAfter(native, program, n * n, isOpen);
    const [before] = await slotsAfter(native, { ...program, kernels: [] }, n * n, isOpen);
    expect(x).toEqual(isOpen ? made : before);
    expect(made).not.toEqual(before);
  });
});
