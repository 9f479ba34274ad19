/** The algebra of views, checked element by element. */
import { describe, expect, test } from '@jest/globals';
import { seeded } from '../../../../test/seeded.js';
import { join, split, whole, type Access } from '../../src/graph/views.js';
import { stridesOf } from '@antler/core';
import { indicesOf } from './evaluate.js';

const at = ({ offset, strides }: Access, index: readonly number[]): number =>
  strides.reduce((sum, stride, axis) => sum + stride * index[axis]!, offset);

/** Index per axis of a row-major position. */
const unravel = (position: number, shape: readonly number[]): number[] =>
  stridesOf(shape).map((stride, axis) => Math.floor(position / stride) % shape[axis]!);

describe('split', () => {
  test('gives the index along every axis, or nothing', () => {
    const chance = seeded(3);
    let affine = 0;
    for (let round = 0; round < 3000; round++) {
      const shape = Array.from({ length: chance.whole(0, 3) }, () => chance.whole(1, 4));
      const size = shape.reduce((a, b) => a * b, 1);
      const space = Array.from({ length: chance.whole(0, 3) }, () => chance.whole(1, 4));
      const access = { offset: chance.whole(0, size - 1), strides: space.map(() => chance.whole(-size + 1, size - 1)) };
      const positions = indicesOf(space).map((index) => at(access, index));
      if (positions.some((position) => position < 0 || position >= size)) continue;
      const parts = split(access, space, shape);
      if (parts === undefined) continue;
      affine++;
      indicesOf(space).forEach((index, i) => {
        expect(parts.map((part) => at(part, index))).toEqual(unravel(positions[i]!, shape));
      });
      const joined = join(parts, stridesOf(shape), space.length);
      expect(indicesOf(space).map((index) => at(joined, index))).toEqual(positions);
    }
    expect(affine).toBeGreaterThan(300);
  });

  test('axes that divide are found, axes that straddle are not', () => {
    expect(split(whole([6]), [6], [6])).toEqual([{ offset: 0, strides: [1] }]);
    expect(split({ offset: 0, strides: [3, 1] }, [2, 3], [2, 3])).toEqual([
      { offset: 0, strides: [1, 0] },
      { offset: 0, strides: [0, 1] },
    ]);
    expect(split(whole([6]), [6], [2, 3])).toBeUndefined();
    expect(split({ offset: 5, strides: [-3, -1] }, [2, 3], [2, 3])).toEqual([
      { offset: 1, strides: [-1, 0] },
      { offset: 2, strides: [0, -1] },
    ]);
  });
});
