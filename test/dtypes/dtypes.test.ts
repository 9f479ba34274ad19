/** Every public operation on every dtype: the dtype of its result, its numbers, and that all modes agree on them. */
import { createJsBackend } from '@antler/backend-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as core from '@antler/core';
import { dtypes, isFloat, keep, setFusion, tensor, type DType, type Tensor } from '@antler/core';
import { modes, openFresh, type Mode } from '../modes.js';
import { table, type Operands } from './table.js';

/** Exported functions that are no operations on tensors. */
// prettier-ignore
const others = new Set([
  'backendNames', 'checkDType', 'checkFaults', 'checkpoint', 'closeBackend', 'coalesce', 'convShapes', 'customGradient', 'describe',
  'dtypeOfArray', 'elementsOf', 'fence', 'getBackend', 'grad', 'graphOf', 'graphToMermaid', 'isFloat', 'isHalf', 'isInteger', 'isUnsigned', 'numbersOf',
  'jit', 'keep', 'lower', 'memory', 'outside', 'printGraph', 'profile', 'setDebug', 'withFiniteChecks', 'printProgram', 'programToMermaid', 'promote',
  'registerBackends', 'sameShape', 'scan', 'scope', 'setBackend', 'setFusion', 'showShape', 'sizeOf', 'stridesOf',
  'synchronize', 'throttle', 'valueAndGrad', 'viewAs', 'vjp', 'withScope',
]);

const samples = {
  float: [0.5, 0.25, 1, 0.75, 0.25, 0.5, 0.75, 1],
  int: [2, 1, 4, 3, 1, 2, 3, 4],
  bool: [1, 0, 1, 1, 0, 1, 0, 1],
} as const;

function operandsOf(dtype: DType): Operands {
  const numbers = samples[dtypes[dtype].kind];
  const image = Array.from({ length: 32 }, (_, i) => numbers[(3 * i) % 8]!);
  return {
    x: tensor(numbers, { dtype, shape: [2, 4] }),
    row: tensor(numbers.slice(0, 4), { dtype }),
    image: tensor(image, { dtype, shape: [1, 4, 4, 2] }),
    dtype,
  };
}

interface Result {
  readonly dtype: DType;
  readonly numbers: readonly number[];
}

/** What each function of the table gives. */
async function resultsOf(dtype: DType, mode: Mode): Promise<ReadonlyMap<string, readonly Result[]>> {
  setFusion(mode.fusion);
  const rows = Object.entries(table).filter(([, { result }]) => result(dtype) !== undefined);
  const { x, row, image } = operandsOf(dtype);
  const lists = mode.compile((operands: Omit<Operands, 'dtype'>) =>
    rows.map(([name, { f }]) => {
      try {
        return [f({ ...operands, dtype })].flat<readonly (Tensor | readonly Tensor[])[], 1>();
      } catch (error) {
        throw new Error(`${name} of ${dtype}: ${(error as Error).message}`, { cause: error });
      }
    }),
  )({ x, row, image });
  for (const result of lists.flat()) keep(result);
  const results = new Map<string, readonly Result[]>();
  for (const [i, list] of lists.entries()) {
    const read = list.map(async (y) => ({ dtype: y.dtype, numbers: [...(await y.data())] }));
    results.set(rows[i]![0], await Promise.all(read));
  }
  return results;
}

/** The names of functions whose results do not fit those of another run, with both. */
function misfits(
  results: ReadonlyMap<string, readonly Result[]>,
  others: ReadonlyMap<string, readonly Result[]>,
  fits: (a: number, b: number, dtype: DType, name: string) => boolean,
): readonly string[] {
  return [...results].flatMap(([name, list]) => {
    const other = others.get(name);
    const fit = list.every((y, k) => y.numbers.every((value, i) => fits(value, other![k]!.numbers[i]!, y.dtype, name)));
    return other === undefined || fit ? [] : [`${name}: ${JSON.stringify(list)}, not ${JSON.stringify(other)}`];
  });
}

/** Half a unit in the last place of 1. */
const roundoffs: { readonly [D in DType]?: number } = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

/** A handful of roundings explains the difference; integers differ by multiples of their width. */
function isClose(a: number, b: number, dtype: DType, name: string): boolean {
  if (Object.is(a, b)) return true;
  if (!isFloat(dtype)) return (a - b) % 2 ** (8 * dtypes[dtype].bytes) === 0;
  return Math.abs(a - b) <= (table[name]!.roundings ?? 8) * roundoffs[dtype]! * Math.max(1, Math.abs(b));
}

describe('dtypes of operations', () => {
  beforeAll(() => openFresh(createJsBackend));
  afterAll(() => setFusion('auto'));

  test('no operation is missing', () => {
    const functions = Object.entries(core).flatMap(([name, value]) =>
      typeof value === 'function' && !/^[A-Z]/.test(name) ? [name] : [],
    );
    expect(functions.filter((name) => !others.has(name) && !Object.hasOwn(table, name))).toEqual([]);
    expect([...others, ...Object.keys(table)].filter((name) => !functions.includes(name))).toEqual([]);
  });

  test.each(Object.keys(dtypes) as DType[])('%s', async (dtype) => {
    const [plain, ...compiled] = modes;
    const results = await resultsOf(dtype, plain!);
    for (const [name, list] of results) {
      expect([name, ...list.map((y) => y.dtype)]).toEqual([name, ...list.map(() => table[name]!.result(dtype))]);
    }
    for (const mode of compiled) {
      expect([mode.name, ...misfits(await resultsOf(dtype, mode), results, Object.is)]).toEqual([mode.name]);
    }
    // In the widest dtype of the kind the same numbers come out, but for its rounding.
    if (dtype === 'bool') return;
    expect(misfits(results, await resultsOf(isFloat(dtype) ? 'float64' : 'int32', plain!), isClose)).toEqual([]);
  });
});
