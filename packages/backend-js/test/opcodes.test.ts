/** Every scalar opcode at its edges: zeros, infinities, NaN, the ends of the integers, known answers. */
import { DTypeError, opcodes, type DType, type Instruction, type Opcode } from '@antler/core';
import { describe, expect, test } from '@jest/globals';
import { threefry } from '../src/threefry.js';
import { layouts, mapElements } from './harness.js';

/** Applies one opcode to columns of arguments. */
function apply(
  op: Opcode,
  dtypes: readonly DType[],
  result: DType,
  columns: readonly number[][],
  layout = 0,
): number[] {
  const loads = dtypes.map((dtype, input): Instruction => ({ op: 'load', input, dtype }));
  const args = dtypes.map((_, i) => i);
  const inputs = dtypes.map((dtype, i) => ({ dtype, values: columns[i]! }));
  // Bits of floats are the interpreter's alone.
  const ofBits = op === 'bitcast' && [...dtypes, result].some((dtype) => dtype.startsWith('float'));
  const setting = { ...layouts[layout]![1], ...(ofBits && { alone: false }) };
  return mapElements(inputs, [...loads, { op, args, dtype: result }], result, setting);
}

const least = -2147483648;
const most = 2147483647;

type Case = readonly [op: Opcode, dtype: DType, rows: readonly (readonly number[])[], result?: DType];

// Each row: the arguments, then what comes out, to be met bit for bit (−0 and NaN told apart).
// prettier-ignore
const cases: readonly Case[] = [
  ['neg', 'float32', [[0, -0], [NaN, NaN], [Infinity, -Infinity], [1.5, -1.5]]],
  ['neg', 'int32', [[least, least], [5, -5]]],
  ['neg', 'uint8', [[1, 255], [0, 0]]],
  ['neg', 'int8', [[-128, -128]]],
  ['abs', 'float32', [[-0, 0], [-Infinity, Infinity], [NaN, NaN]]],
  ['abs', 'int32', [[least, least], [-7, 7]]],
  ['abs', 'int8', [[-128, -128]]],
  ['abs', 'uint32', [[4294967295, 4294967295]]],
  ['sign', 'float32', [[-0, -0], [0, 0], [NaN, NaN], [-3, -1], [Infinity, 1]]],
  ['sign', 'int32', [[least, -1], [0, 0], [9, 1]]],
  ['floor', 'float32', [[-0.5, -1], [-0, -0], [2.7, 2], [-Infinity, -Infinity]]],
  ['ceil', 'float32', [[-0.5, -0], [2.1, 3], [NaN, NaN]]],
  ['round', 'float64', [[0.5, 0], [1.5, 2], [2.5, 2], [-0.5, -0], [-1.5, -2], [-2.5, -2], [-0.2, -0], [0.49999999999999994, 0]]],
  ['round', 'float64', [[4503599627370495.5, 4503599627370496], [-4503599627370497, -4503599627370497], [Infinity, Infinity], [NaN, NaN]]],
  ['exp', 'float32', [[0, 1], [-Infinity, 0], [Infinity, Infinity], [89, Infinity], [NaN, NaN], [1, Math.fround(Math.E)]]],
  ['expm1', 'float32', [[-0, -0], [1e-10, Math.fround(1e-10)], [-Infinity, -1]]],
  ['log', 'float32', [[0, -Infinity], [-0, -Infinity], [1, 0], [-1, NaN], [Infinity, Infinity]]],
  ['log1p', 'float32', [[-1, -Infinity], [-0, -0], [1e-10, Math.fround(1e-10)], [-2, NaN]]],
  ['sqrt', 'float32', [[4, 2], [-0, -0], [-1, NaN], [2, Math.fround(Math.SQRT2)]]],
  ['sin', 'float32', [[-0, -0], [Infinity, NaN]]],
  ['cos', 'float32', [[0, 1], [-Infinity, NaN]]],
  ['tanh', 'float32', [[-0, -0], [Infinity, 1], [-Infinity, -1], [NaN, NaN]]],
  ['logistic', 'float64', [[0, 0.5], [Infinity, 1], [-Infinity, 0], [-745, Math.exp(-745)], [800, 1], [NaN, NaN]]],
  ['erf', 'float32', [[-0, -0], [Infinity, 1], [-Infinity, -1], [NaN, NaN]]],
  ['add', 'int32', [[most, 1, least], [least, -1, most]]],
  ['add', 'uint32', [[4294967295, 1, 0]]],
  ['add', 'int8', [[127, 1, -128]]],
  ['add', 'uint8', [[255, 2, 1]]],
  ['add', 'float32', [[Infinity, -Infinity, NaN], [16777216, 1, 16777216], [-0, -0, -0], [-0, 0, 0]]],
  ['sub', 'uint8', [[0, 1, 255]]],
  ['sub', 'int32', [[least, 1, most]]],
  ['mul', 'int32', [[most, most, 1], [123456789, 987654321, Math.imul(123456789, 987654321)]]],
  ['mul', 'uint32', [[4294967295, 4294967295, 1], [65537, 65537, 131073]]],
  ['mul', 'int8', [[100, 3, 44]]],
  ['mul', 'float32', [[Infinity, 0, NaN], [3e38, 10, Infinity], [-1, 0, -0]]],
  ['div', 'int32', [[7, 2, 3], [-7, 2, -3], [7, 0, -1], [0, 0, -1], [least, -1, least]]],
  ['div', 'uint32', [[7, 0, 4294967295], [4294967295, 2, 2147483647]]],
  ['div', 'int8', [[-128, -1, -128], [5, 0, -1]]],
  ['div', 'uint8', [[5, 0, 255]]],
  ['div', 'float32', [[1, 0, Infinity], [1, -0, -Infinity], [0, 0, NaN], [1, 3, Math.fround(1 / 3)]]],
  ['rem', 'int32', [[7, 3, 1], [-7, 3, -1], [7, -3, 1], [7, 0, 7], [least, -1, 0]]],
  ['rem', 'uint32', [[4294967295, 10, 5], [3, 0, 3]]],
  ['rem', 'float32', [[-7.5, 2, -1.5], [7.5, -2, 1.5], [1, 0, NaN], [Infinity, 2, NaN], [3, Infinity, 3], [-0, 2, -0]]],
  ['pow', 'float32', [[1, NaN, 1], [1, Infinity, 1], [-1, Infinity, 1], [-1, -Infinity, 1], [NaN, 0, 1], [-8, 1 / 3, NaN]]],
  ['pow', 'float32', [[0, -1, Infinity], [-0, -1, -Infinity], [2, 0.5, Math.fround(Math.SQRT2)], [-2, 3, -8]]],
  ['pow', 'int32', [[3, 4, 81], [2, 31, least], [2, 32, 0], [-3, 3, -27], [1, -5, 1], [-1, -5, -1], [-1, -4, 1], [0, -1, -1], [7, -1, 0], [0, 0, 1]]],
  ['pow', 'uint32', [[3, 4294967295, 2863311531], [0, 0, 1]]],
  ['pow', 'int8', [[2, 7, -128], [3, 5, -13]]],
  ['max', 'float32', [[NaN, 1, NaN], [1, NaN, NaN], [-0, 0, 0], [0, -0, 0], [1, 2, 2]]],
  ['min', 'float32', [[NaN, 1, NaN], [1, NaN, NaN], [-0, 0, -0], [0, -0, -0], [1, 2, 1]]],
  ['max', 'uint32', [[4294967295, 0, 4294967295]]],
  ['min', 'int8', [[-128, 127, -128]]],
  ['atan2', 'float64', [[0, -0, Math.PI], [-0, -0, -Math.PI], [1, 0, Math.PI / 2]]],
  ['and', 'int32', [[-1, 255, 255]]],
  ['and', 'bool', [[1, 1, 1], [1, 0, 0]]],
  ['or', 'uint32', [[2147483648, 1, 2147483649]]],
  ['xor', 'bool', [[1, 1, 0], [0, 1, 1]]],
  ['xor', 'uint32', [[4294967295, 1, 4294967294]]],
  ['shl', 'int32', [[1, 31, least], [1, 32, 1], [3, -1, least]]],
  ['shl', 'uint8', [[129, 1, 2], [1, 8, 1], [1, 7, 128]]],
  ['shl', 'int8', [[1, 7, -128], [1, 9, 2]]],
  ['shr', 'int32', [[-8, 1, -4], [-1, 31, -1], [least, 31, -1], [8, 33, 4]]],
  ['shr', 'uint32', [[4294967288, 1, 2147483644], [2147483648, 31, 1]]],
  ['shr', 'int8', [[-128, 7, -1], [-3, 1, -2]]],
  ['shr', 'uint8', [[200, 3, 25], [200, 9, 100]]],
  ['eq', 'float32', [[NaN, NaN, 0], [0, -0, 1], [1, 1, 1]], 'bool'],
  ['ne', 'float32', [[NaN, NaN, 1], [0, -0, 0]], 'bool'],
  ['lt', 'float32', [[NaN, 1, 0], [1, NaN, 0], [1, 2, 1], [2, 2, 0]], 'bool'],
  ['le', 'float32', [[NaN, NaN, 0], [2, 2, 1], [-Infinity, Infinity, 1]], 'bool'],
  ['eq', 'bool', [[1, 1, 1], [1, 0, 0]], 'bool'],
  ['lt', 'int32', [[least, most, 1]], 'bool'],
  ['lt', 'uint32', [[2147483648, 1, 0]], 'bool'],
  ['le', 'int8', [[-1, -1, 1], [3, -3, 0]], 'bool'],
  ['ne', 'uint8', [[3, 4, 1], [4, 4, 0]], 'bool'],
  ['cast', 'float32', [[-1.9, -1], [1.9, 1], [NaN, 0], [Infinity, most], [-Infinity, least], [3e9, most]], 'int32'],
  ['cast', 'float32', [[-1.9, 0], [NaN, 0], [5e9, 4294967295], [-Infinity, 0]], 'uint32'],
  ['cast', 'float64', [[-200, -128], [127.9, 127], [128, 127], [NaN, 0]], 'int8'],
  ['cast', 'float32', [[-1, 0], [255.9, 255], [1e9, 255]], 'uint8'],
  ['cast', 'float32', [[NaN, 1], [0, 0], [-0, 0], [0.1, 1]], 'bool'],
  ['cast', 'int32', [[256, 1], [0, 0], [-1, 1]], 'bool'],
  ['cast', 'int32', [[300, 44], [-1, -1], [128, -128]], 'int8'],
  ['cast', 'int32', [[-1, 4294967295]], 'uint32'],
  ['cast', 'int32', [[16777217, 16777216]], 'float32'],
  ['cast', 'uint32', [[4294967295, -1]], 'int32'],
  ['cast', 'bool', [[1, 1], [0, 0]], 'float32'],
  ['cast', 'float64', [[0.1, Math.fround(0.1)], [1e300, Infinity]], 'float32'],
  ['bitcast', 'float32', [[1, 0x3f800000], [-0, least]], 'int32'],
  ['bitcast', 'uint32', [[0x3f800000, 1], [0x7f800000, Infinity]], 'float32'],
  ['bitcast', 'int8', [[-1, 255]], 'uint8'],
];

describe.each(layouts.map(([name], i) => [name, i] as const))('opcodes in the %s', (_, layout) => {
  test.each(cases)('%s of %s', (op, dtype, rows, result = dtype) => {
    const arity = opcodes[op].arity;
    const columns = Array.from({ length: arity }, (_, i) => rows.map((row) => row[i]!));
    const got = apply(
      op,
      columns.map(() => dtype),
      result,
      columns,
      layout,
    );
    expect(got).toEqual(rows.map((row) => row[arity]));
  });

  test.each(['float32', 'int32', 'uint8', 'bool'] as const)('select of %s', (dtype) => {
    const got = apply(
      'select',
      ['bool', dtype, dtype],
      dtype,
      [
        [1, 0, 1],
        [1, 1, 1],
        [0, 0, 0],
      ],
      layout,
    );
    expect(got).toEqual([1, 0, 1]);
  });
});

test('every opcode is covered', () => {
  const covered = new Set<string>([...cases.map(([op]) => op), 'select', 'random']);
  expect(Object.keys(opcodes).filter((op) => !covered.has(op))).toEqual([]);
});

test('an opcode without meaning for a dtype is a DTypeError', () => {
  expect(() => apply('exp', ['int32'], 'int32', [[1]])).toThrow(DTypeError);
  expect(() => apply('and', ['float32', 'float32'], 'float32', [[1], [1]])).toThrow(
    'and: expected operands of kind int or bool, received float32.',
  );
});

// erf to 20 digits (computed with mpmath at 50 digits).
const erfs: readonly (readonly [x: number, y: number])[] = [
  [1e-300, 1.1283791670955126022e-300],
  [1e-8, 1.1283791670955125599e-8],
  [0.001, 0.0011283787909692364034],
  [0.125, 0.14031620480133381739],
  [0.3, 0.32862675945912741619],
  [0.46875, 0.49261347321793799159],
  [0.47, 0.49374505088608211241],
  [0.5, 0.52049987781304653768],
  [0.75, 0.7111556336535151316],
  [1, 0.84270079294971486934],
  [1.25, 0.92290012825645823014],
  [-1.5, -0.96610514647531072707],
  [2, 0.99532226501895273416],
  [-2.5, -0.99959304798255504106],
  [3, 0.99997790950300141456],
  [3.5, 0.99999925690162765859],
  [4, 0.99999998458274209972],
  [4.5, 0.99999999980338395585],
  [5, 0.99999999999846254021],
  [5.5, 0.99999999999999264215],
  [5.9375, 0.99999999999999995416],
  [6, 0.99999999999999997848],
  [-7, -1.0],
];

test('erf is right to the last bits of float64, and correctly rounded or next to it in float32', () => {
  const inputs = erfs.map(([x]) => x);
  const exact = erfs.map(([, y]) => y);
  apply('erf', ['float64'], 'float64', [inputs]).forEach((y, i) => {
    expect(Math.abs(y - exact[i]!)).toBeLessThanOrEqual(4 * 2 ** -53 * Math.abs(exact[i]!));
  });
  const singles = apply('erf', ['float32'], 'float32', [inputs]);
  inputs.forEach((x, i) => {
    if (Math.fround(x) === x)
      expect(Math.abs(singles[i]! - exact[i]!)).toBeLessThanOrEqual(2 ** -24 * Math.abs(exact[i]!) * 2);
  });
});

describe('random', () => {
  // The published known answers of Threefry-2x32-20; only the first word is used.
  test.each([
    [[0, 0], [0, 0], 0x6b200159],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], 0x1cb996fc],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], 0xc4923a9c],
  ] as const)('key %p, counter %p', (key, counter, word) => {
    expect(threefry(key[0], key[1], counter[0], counter[1])).toBe(word);
    const columns = [...key, ...counter].map((part) => [part, part]);
    expect(apply('random', ['uint32', 'uint32', 'uint32', 'uint32'], 'uint32', columns)).toEqual([word, word]);
  });
});

describe('leaves of a body', () => {
  test('constants and scalars are rounded to their dtype', () => {
    const input = { dtype: 'float32' as const, values: [1, 2] };
    expect(mapElements([input], [{ op: 'const', value: 0.1, dtype: 'float32' }], 'float32')).toEqual([
      Math.fround(0.1),
      Math.fround(0.1),
    ]);
    const scalar: Instruction = { op: 'scalar', index: 1, dtype: 'float32' };
    expect(mapElements([input], [scalar], 'float32', { scalars: [7, 0.2] })).toEqual([
      Math.fround(0.2),
      Math.fround(0.2),
    ]);
    expect(mapElements([input], [{ op: 'const', value: NaN, dtype: 'float32' }], 'float32')).toEqual([NaN, NaN]);
  });

  test('positions count along their axis', () => {
    const input = { dtype: 'float32' as const, values: new Array<number>(1300).fill(0) };
    const got = mapElements([input], [{ op: 'index', axis: 0, dtype: 'int32' }], 'int32');
    expect(got).toEqual(Array.from({ length: 1300 }, (_, i) => i));
  });
});
