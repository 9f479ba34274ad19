/** Generated functions: when there are any, how many, and that a strict content security policy does without. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Instruction, Kernel, LoopKernel } from '@antler/core';
import { describe, expect, jest, test } from '@jest/globals';
import { expressions, literal } from '../src/generate/expressions.js';
import { Functions } from '../src/generate/functions.js';
import { definitions } from '../src/opcodes.js';
import { runKernels, view } from './harness.js';

/** y = x · x + the number of the element, of any length. */
function kernelOf(length: number): LoopKernel {
  const body: Instruction[] = [
    { op: 'load', input: 0, dtype: 'float32' },
    { op: 'mul', args: [0, 0], dtype: 'float32' },
    { op: 'index', axis: 0, dtype: 'float32' },
    { op: 'add', args: [1, 2], dtype: 'float32' },
  ];
  const [x, y] = [view(0, 'float32', [1]), view(1, 'float32', [1])];
  const stores = [{ view: y, value: 3 }];
  return {
    kind: 'loop',
    shape: [length],
    reduced: 0,
    inputs: [x],
    body,
    reductions: [],
    epilogue: [],
    stores,
    scopes: [],
  };
}

const source = (kernels: readonly Kernel[]): string => `
  import { createJsBackend } from '@antler/backend-js';
  let allowed = true;
  try { new Function(''); } catch { allowed = false; }
  const backend = createJsBackend();
  const slots = [{ bytes: 12, role: 'input' }, { bytes: 12, role: 'output' }];
  const program = backend.compile({ key: '', slots, scalars: [], kernels: ${JSON.stringify(kernels)}, faults: null });
  const io = [0, 1].map(() => ({ buffer: backend.alloc(12), byteOffset: 0 }));
  backend.write(io[0], Float32Array.of(1.5, 2, -3), 'float32');
  backend.run(program, io, new Float64Array(0));
  console.log(JSON.stringify([allowed, [...new Float32Array(backend.readSync(io[1], 3, 'float32'))]]));
`;

describe('without code generation from strings', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  test.each([
    ['allowed', [], true],
    ['forbidden', ['--disallow-code-generation-from-strings'], false],
  ])('%s: the numbers are the same', (_, flags, allowed) => {
    const loader = join(root, 'test', 'environment', 'sources.mjs');
    const args = [...flags, '--conditions=@antler/source', '--import', loader, '--input-type=module'];
    const { stdout, stderr } = spawnSync(process.execPath, [...args, '--eval', source([kernelOf(3)])], {
      cwd: join(root, 'test'),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([allowed, [2.25, 5, 11]]);
  });
});

test('kernels that differ in sizes alone share a function', () => {
  const get = jest.spyOn(Functions.prototype, 'get');
  const results = [3, 5].map((length) => {
    const x = Array.from({ length }, (_, i) => i);
    const data = [x, x].map((values) => ({ dtype: 'float32' as const, values }));
    return runKernels(data, [kernelOf(length)], { generate: true })[1];
  });
  expect(results).toEqual([
    [0, 2, 6],
    [0, 2, 6, 12, 20],
  ]);
  const seen = get.mock.calls.map(([text]) => text);
  get.mockRestore();
  expect(seen).toHaveLength(2);
  expect(new Set(seen).size).toBe(1);
});

test('inside of a repeat, what turns and what stands still go their own ways', () => {
  // y[t] = x[t] + z[3 − i]: the view that turns begins at element 0, as y does on its first turn; z begins at element 3.
  const x = { ...view(0, 'float32', [1]), turns: [4] };
  const z = { ...view(1, 'float32', [-1], 3), turns: [0] };
  const y = { ...view(2, 'float32', [1]), turns: [4] };
  const loop: LoopKernel = {
    ...kernelOf(4),
    inputs: [x, z],
    body: [
      { op: 'load', input: 0, dtype: 'float32' },
      { op: 'load', input: 1, dtype: 'float32' },
      { op: 'add', args: [0, 1], dtype: 'float32' },
    ],
    stores: [{ view: y, value: 2 }],
  };
  const still: LoopKernel = {
    ...loop,
    inputs: [x, { ...z, offset: 0, strides: [1] }],
    stores: [{ view: { ...y, slot: 3 }, value: 2 }],
  };
  const slots = [
    [0, 10, 20, 30, 40, 50, 60, 70],
    [1, 2, 3, 4],
    new Array<number>(8).fill(0),
    new Array<number>(8).fill(0),
  ];
  const results = runKernels(
    slots.map((values) => ({ dtype: 'float32' as const, values })),
    [{ kind: 'repeat', count: 2, kernels: [loop, still], scopes: [] }],
    { generate: true },
  );
  expect(results[2]).toEqual([4, 13, 22, 31, 44, 53, 62, 71]);
  expect(results[3]).toEqual([1, 12, 23, 34, 41, 52, 63, 74]);
});

test('functions are made once, and the oldest are forgotten', () => {
  const functions = new Functions(() => Math.sin, 2);
  const first = functions.get('return () => 1');
  expect(functions.get('return () => 1')).toBe(first);
  functions.get('return () => 2');
  functions.get('return () => 1');
  functions.get('return () => 3');
  expect(functions.get('return () => 1')).toBe(first);
  const second = functions.get('return () => 2');
  expect(functions.get('return () => 2')).toBe(second);
});

test('every opcode has text for the families of dtypes that the interpreter defines', () => {
  const families = (row: object): unknown => (typeof row === 'function' ? 'by dtype' : Object.keys(row).sort());
  for (const [op, row] of Object.entries(definitions)) {
    const text = expressions[op as keyof typeof expressions];
    // Shifts need the width in their text; the interpreter's registers know it.
    if (op !== 'shl' && op !== 'shr') expect([op, families(text)]).toEqual([op, families(row)]);
  }
});

test.each([0, -0, 1.5, -1e-45, NaN, Infinity, -Infinity, 4294967295])('literal %p', (value) => {
  expect(runInNewContext(`1 * ${literal(value)}`)).toBe(value);
});
