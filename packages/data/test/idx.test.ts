/** The IDX reader: every element type, and every way in which a file can be broken. */
import { describe, expect, test } from '@jest/globals';
import { FormatError, readIdx } from '../src/index.js';

/** An IDX file: header, then `body` bytes. */
const idx = (type: number, shape: number[], body: number[]): Uint8Array => {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...body]);
};

/** The bytes of numbers, big-endian, written by a DataView setter. */
const bigEndian = (bytes: number, set: (view: DataView, at: number, x: number) => void, values: number[]): number[] => {
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  values.forEach((x, i) => set(view, i * bytes, x));
  return Array.from(new Uint8Array(view.buffer));
};

describe('readIdx', () => {
  test.each([
    [0x08, 'uint8', Uint8Array.of(0, 1, 255), [0, 1, 255]],
    [0x09, 'int8', Int8Array.of(-128, -1, 127), [128, 255, 127]],
    [0x0b, 'int32', Int32Array.of(-32768, 258), [128, 0, 1, 2]],
    [0x0c, 'int32', Int32Array.of(-2, 16909060), [255, 255, 255, 254, 1, 2, 3, 4]],
    [0x0d, 'float32', Float32Array.of(1.5, -0.1), bigEndian(4, (v, at, x) => v.setFloat32(at, x), [1.5, -0.1])],
    [0x0e, 'float64', Float64Array.of(1e300, -0.1), bigEndian(8, (v, at, x) => v.setFloat64(at, x), [1e300, -0.1])],
  ] as const)('element type %i is %s', (type, dtype, data, body) => {
    expect(readIdx(idx(type, [data.length], [...body]))).toEqual({ data, shape: [data.length], dtype });
  });

  test('keeps shapes, also empty and scalar ones, and bytes that begin in the middle of a buffer', () => {
    expect(readIdx(idx(0x08, [2, 1, 3], [1, 2, 3, 4, 5, 6])).shape).toEqual([2, 1, 3]);
    expect(readIdx(idx(0x08, [0, 28], [])).data).toEqual(new Uint8Array(0));
    expect(readIdx(idx(0x08, [], [7]))).toEqual({ data: Uint8Array.of(7), shape: [], dtype: 'uint8' });
    const inside = new Uint8Array(100);
    inside.set(idx(0x0c, [1], [0, 0, 1, 0]), 33);
    expect(readIdx(inside.subarray(33, 45)).data).toEqual(Int32Array.of(256));
  });

  test('copies: the array does not change with the file', () => {
    const file = idx(0x08, [1], [9]);
    const array = readIdx(file);
    file.fill(0);
    expect(array.data[0]).toBe(9);
  });

  const broken: [string, Uint8Array, string][] = [
    [
      'empty',
      Uint8Array.of(),
      'labels: expected an IDX file (00 00, element type 08 09 0b 0c 0d 0e, rank), received no bytes.',
    ],
    [
      'cut in the magic number',
      Uint8Array.of(0, 0, 8),
      'labels: expected an IDX file (00 00, element type 08 09 0b 0c 0d 0e, rank), received bytes 00 00 08.',
    ],
    [
      'not IDX',
      Uint8Array.from([60, 33, 68, 79, 67]),
      'labels: expected an IDX file (00 00, element type 08 09 0b 0c 0d 0e, rank), received bytes 3c 21 44 4f.',
    ],
    [
      'unknown element type',
      idx(0x0a, [1], [1]),
      'labels: expected an IDX file (00 00, element type 08 09 0b 0c 0d 0e, rank), received bytes 00 00 0a 01.',
    ],
    [
      'gzip',
      Uint8Array.of(0x1f, 0x8b, 8, 0),
      'labels: expected an IDX file, received a gzip file. Decompress it first.',
    ],
    [
      'cut in the header',
      idx(0x08, [2, 3], []).subarray(0, 9),
      'labels: expected a header of 12 bytes for rank 2, received 9 bytes.',
    ],
    [
      'cut in the data',
      idx(0x0c, [2], [0, 0, 0]),
      'labels: expected 16 bytes for shape [2] of int32, received 11 bytes. The file is truncated.',
    ],
    ['too long', idx(0x08, [2], [1, 2, 3]), 'labels: expected 10 bytes for shape [2] of uint8, received 11 bytes.'],
    [
      'absurd sizes',
      idx(0x0e, [0xffffffff, 0xffffffff], []),
      'labels: expected 147573952520956940000 bytes for shape [4294967295, 4294967295] of float64, received 12 bytes. The file is truncated.',
    ],
  ];
  test.each(broken)('%s', (_, bytes, message) => {
    expect(() => readIdx(bytes, 'labels')).toThrow(new FormatError(message));
  });
});
