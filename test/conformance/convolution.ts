/** Convolution from the words of its definition: every output and every tap meet, wherever there is an input. */
import type { ConvKernel } from '@antler/core';

/** The geometry and the three arrays' shapes. */
export type Geometry = Pick<
  ConvKernel,
  'map' | 'input' | 'kernel' | 'output' | 'strides' | 'padding' | 'dilation' | 'groups'
>;

/** Result of a map on row-major numbers. `term` of a pair defaults to its product. */
export function convolved(
  geometry: Geometry,
  a: readonly number[],
  b: readonly number[],
  term: (x: number, y: number) => number = (x, y) => x * y,
): number[] {
  const { map, input, kernel, output, strides, padding, dilation, groups } = geometry;
  const rank = strides.length;
  const result = new Array<number>(geometry[map].reduce((all, n) => all * n, 1)).fill(0);
  const channels = kernel[rank]!;
  const filters = kernel[rank + 1]! / groups;
  for (const o of indicesOf(output.slice(0, -1))) {
    for (const k of indicesOf(kernel.slice(0, rank))) {
      const place = k.map((tap, i) => o[i + 1]! * strides[i]! + tap * dilation[i]! - padding[i]![0]);
      if (place.some((at, i) => at < 0 || at >= input[i + 1]!)) continue;
      for (let group = 0; group < groups; group++) {
        for (let c = 0; c < channels; c++) {
          for (let f = 0; f < filters; f++) {
            const filter = group * filters + f;
            const at = {
              input: positionOf(input, [o[0]!, ...place, group * channels + c]),
              kernel: positionOf(kernel, [...k, c, filter]),
              output: positionOf(output, [...o, filter]),
            };
            const [left, right] = (
              { output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const
            )[map];
            result[at[map]]! += term(a[at[left]]!, b[at[right]]!);
          }
        }
      }
    }
  }
  return result;
}

function positionOf(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((at, size, axis) => at * size + index[axis]!, 0);
}

function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (list, size) => list.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}
