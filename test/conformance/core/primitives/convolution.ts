/** conv: all maps of geometries by hand. The numbers are small and whole, so that every order of adding is exact. */
import { convRoles, type ConvMap, type DType, type Shape } from '@antler/core';
import { convolved, type Geometry } from '../../convolution.js';
import type { Sample } from '../sample.js';
import { build, type Values } from '../values.js';
import { record } from './record.js';

function small(shape: Shape, dtype: DType, seed: number): Values {
  let state = seed;
  return build(shape, dtype, () => ((state = (state * 5 + 7) % 31) % 7) - 3);
}

const maps: readonly ConvMap[] = ['output', 'input', 'kernel'];

/** All three maps of a geometry. */
function each(name: string, geometry: Omit<Geometry, 'map'>, dtype: DType = 'float32'): Sample[] {
  const { strides, padding, dilation, groups } = geometry;
  return maps.map((map): Sample => {
    const [a, b] = convRoles[map].map((role, i) => small(geometry[role], dtype, i + 1)) as [Values, Values];
    const shape = geometry[map];
    return {
      name: `conv ${map} ${dtype}, ${name}`,
      inputs: [a, b],
      f: (x, y) => record('conv', [x, y], { map, strides, padding, dilation, groups }),
      expected: { dtype, shape, numbers: convolved({ ...geometry, map }, a.numbers, b.numbers) },
    };
  });
}

const image = { input: [2, 5, 6, 3], kernel: [3, 2, 3, 4], output: [2, 3, 5, 4] } as const;
const one = [1, 1];
const none = [[0, 0], [0, 0]] as const; // prettier-ignore

export const convSamples: readonly Sample[] = [
  ...(['float32', 'float64', 'float16'] as const).flatMap((dtype) =>
    each('valid', { ...image, strides: one, padding: none, dilation: one, groups: 1 }, dtype),
  ),
  ...each('padded', { ...image, output: [2, 5, 7, 4], strides: one, padding: [[1, 1], [1, 1]], dilation: one, groups: 1 }),
  ...each('strides, some rows cut', { ...image, output: [2, 2, 2, 4], strides: [2, 3], padding: [[0, 0], [0, -1]], dilation: one, groups: 1 }),
  ...each('dilated', { ...image, output: [2, 1, 3, 4], strides: one, padding: none, dilation: [2, 3], groups: 1 }),
  ...each('strides and dilation without a common factor', { input: [1, 11, 1], kernel: [3, 1, 2], output: [1, 4, 2], strides: [3], padding: [[1, 2]], dilation: [2], groups: 1 }),
  ...each('strides above the kernel', { input: [1, 7, 7, 1], kernel: [1, 2, 1, 2], output: [1, 3, 2, 2], strides: [3, 4], padding: [[0, 0], [0, -1]], dilation: one, groups: 1 }),
  ...each('padding beyond the taps', { input: [1, 3, 1], kernel: [2, 1, 1], output: [1, 8, 1], strides: [1], padding: [[3, 3]], dilation: [1], groups: 1 }),
  ...each('groups', { input: [2, 4, 4, 4], kernel: [3, 3, 2, 6], output: [2, 4, 4, 6], strides: one, padding: [[1, 1], [1, 1]], dilation: one, groups: 2 }),
  ...each('depthwise', { input: [1, 4, 4, 5], kernel: [3, 3, 1, 5], output: [1, 2, 2, 5], strides: one, padding: none, dilation: one, groups: 5 }),
  ...each('one axis', { input: [3, 9, 2], kernel: [4, 2, 3], output: [3, 3, 3], strides: [2], padding: [[0, -1]], dilation: [1], groups: 1 }),
  ...each('three axes', { input: [1, 3, 4, 3, 2], kernel: [2, 2, 2, 2, 3], output: [1, 2, 2, 2, 3], strides: [1, 2, 1], padding: [[0, 0], [0, 0], [0, 0]], dilation: [1, 1, 1], groups: 1 }),
  ...each('size 1', { input: [2, 3, 3, 5], kernel: [1, 1, 5, 3], output: [2, 3, 3, 3], strides: one, padding: none, dilation: one, groups: 1 }),
  ...each('one of everything', { input: [1, 1, 1], kernel: [1, 1, 1], output: [1, 1, 1], strides: [1], padding: [[0, 0]], dilation: [1], groups: 1 }),
  ...each('more rows and channels than a block', { input: [2, 19, 11, 33], kernel: [3, 3, 33, 35], output: [2, 19, 11, 35], strides: one, padding: [[1, 1], [1, 1]], dilation: one, groups: 1 }),
  ...each('an empty batch', { input: [0, 4, 1], kernel: [3, 1, 2], output: [0, 2, 2], strides: [1], padding: [[0, 0]], dilation: [1], groups: 1 }),
]; // prettier-ignore
