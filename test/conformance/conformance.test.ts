/** The suite about itself: names are unique, skips expire, comparisons notice, and the plain arithmetic agrees with known bits. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { Declined, Device, type Case } from './device.js';
import { expectClose, expectEqual, expectThrows, expectWithin } from './expect.js';
import { coreLayers, deviceLayers } from './layers.js';
import { decode, encode, fromHalfBits, halfBits, rounded, spacing } from './numbers.js';
import { expectFailure, reasonOf, runCase, unknownSkips } from './skip.js';
import { defaultTolerance } from './tolerance.js';

const device = new Device(createJsBackend(), defaultTolerance);
const passing: Case = { name: 'passes', run: async () => {} };
const failing: Case = {
  name: 'fails',
  run: async () => {
    throw new Error('no');
  },
};

describe('the list of cases', () => {
  test.each(Object.entries({ ...deviceLayers, ...coreLayers }))('names in %s are unique', (_, cases) => {
    const names = cases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe('skips', () => {
  const skip = [
    { reason: 'no flush', tests: ['opcodes > exp*'] },
    { reason: 'slow', tests: ['dot > long k'] },
  ];

  test('are found by name or by the beginning of a name', () => {
    expect(reasonOf('opcodes > expm1: float32', skip)).toBe('no flush');
    expect(reasonOf('dot > long k', skip)).toBe('slow');
    expect(reasonOf('dot > long k and more', skip)).toBeUndefined();
    expect(unknownSkips(['opcodes > exp: float32'], skip)).toEqual(['dot > long k']);
  });

  test('fail when their case passes', async () => {
    await expect(expectFailure(passing, device)).rejects.toThrow('passes: this case passes now. Remove its skip.');
    await expectFailure(failing, device);
  });

  test('a case runs unless the device lacks its dtypes or declines its kernels', async () => {
    await expect(runCase(failing, device)).rejects.toThrow('no');
    const without = new Device({ ...device.backend, bytes: {} }, defaultTolerance);
    expect(await runCase({ ...failing, dtypes: ['float16'] }, without)).toBe(false);
    expect(await runCase(passing, device)).toBe(true);
    const declined = async (): Promise<void> => {
      throw new Declined('not here');
    };
    expect(await runCase({ ...passing, run: declined }, device)).toBe(false);
  });
});

describe('comparisons', () => {
  test('notice other numbers, lengths and signs', () => {
    expectEqual([NaN, 0, 1], [NaN, -0, 1], 'equal');
    expect(() => expectEqual([1, 2], [1, 3], 'y')).toThrow('y: [1] expected 3, received 2');
    expect(() => expectEqual([1], [1, 3], 'y')).toThrow('y: expected 2 numbers, received 1');
    expect(() => expectEqual([0], [-0], 'y', true)).toThrow('y: [0] expected -0, received 0');
    expect(() => expectEqual([NaN], [0], 'y')).toThrow('expected 0, received NaN');
  });

  test('count units in the last place', () => {
    const one = { dtype: 'float32', ulps: 1 } as const;
    expectClose([1 + 2 ** -23], [1], 'neighbour', one);
    expect(() => expectClose([1 + 2 ** -22], [1], 'y', one)).toThrow('y (within 1 ULP)');
    expect(() => expectClose([1 + 2 ** -23], [1], 'y', { dtype: 'float32', ulps: 0 })).toThrow('within 0 ULP');
    expect(() => expectClose([NaN], [1], 'y', one)).toThrow('received NaN');
    expect(() => expectClose([3], [2], 'y', { dtype: 'int32', ulps: 1 })).toThrow('expected 2, received 3');
    expect(() => expectWithin([1.5], [1], [0.4], 'y')).toThrow('expected 1, received 1.5');
    expect(() => expectThrows(() => 1, RangeError, 'y')).toThrow('y: expected a RangeError, received no error');
  });
});

describe('numbers', () => {
  test('round as typed arrays do', () => {
    for (const x of [1 / 3, 1e-45, 1e-40, 3.4e38, 3.5e38, -1e-46, 16777217, 0.1, 5e-324, 2 ** -149 * 1.5]) {
      expect(rounded(x, 'float32')).toBe(Math.fround(x));
      expect(rounded(x, 'float64')).toBe(x);
    }
    expect([300, -129, 2 ** 31, -1].map((x) => rounded(x, 'int8'))).toEqual([44, 127, 0, -1]);
    expect(rounded(-1, 'uint32')).toBe(4294967295);
    expect(spacing(1, 'float32')).toBe(2 ** -23);
    expect(spacing(0, 'float32')).toBe(2 ** -149);
  });

  test('16-bit floats have the known bits', () => {
    const known = [
      ['float16', 1, 0x3c00],
      ['float16', -2, 0xc000],
      ['float16', 65504, 0x7bff],
      ['float16', 65520, 0x7c00],
      ['float16', 2 ** -24, 0x0001],
      ['float16', 2 ** -14, 0x0400],
      ['float16', 1 / 3, 0x3555],
      ['bfloat16', 1, 0x3f80],
      ['bfloat16', -3.140625, 0xc049],
      ['bfloat16', Infinity, 0x7f80],
    ] as const;
    for (const [dtype, value, bits] of known) {
      expect(halfBits(value, dtype)).toBe(bits);
      expect(fromHalfBits(bits, dtype)).toBe(rounded(value, dtype));
    }
    expect(fromHalfBits(halfBits(NaN, 'float16'), 'float16')).toBeNaN();
    expect(Object.is(fromHalfBits(halfBits(-0, 'bfloat16'), 'bfloat16'), -0)).toBe(true);
    expect(decode(encode([1.5, -2], 'float16'), 'float16')).toEqual([1.5, -2]);
  });
});
