/** Axes cut, exchanged and joined: patterns of einops, blocks of pixels into channels and back. */
import { toValue, type Operand } from '../operand.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import { showShape, sizeOf } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Groups of names, one for each axis: `b (h w)` is [[b], [h, w]]. */
function groupsOf(pattern: string, side: string): string[][] {
  const words = side.match(/\([^()]*\)|[A-Za-z_]\w*|\S/g) ?? [];
  return words.map((word) => {
    const names = word.startsWith('(') ? word.slice(1, -1).trim().split(/\s+/).filter(Boolean) : [word];
    if (!names.every((name) => /^[A-Za-z_]\w*$/.test(name))) {
      const expected = 'a pattern of names and groups in parentheses, such as "b (h w) -> b w h"';
      throw new ValueError(describe('rearrange', expected, JSON.stringify(pattern)));
    }
    return names;
  });
}

/**
 * Axes cut, exchanged and joined by a pattern of einops: names of x's axes, an arrow, names of the result's; a group in
 * parentheses is one axis made of several.
 * @param sizes of names in groups of x; one of each group may be left out
 * @example rearrange(x, 'b (h w) c -> b c h w', { h: 2 })
 */
export function rearrange(x: Operand, pattern: string, sizes: Readonly<Record<string, number>> = {}): Tensor {
  const value = toValue('rearrange', x);
  const { shape } = value.type;
  const sides = pattern.split('->');
  if (sides.length !== 2)
    throw new ValueError(describe('rearrange', 'one "->" in the pattern', JSON.stringify(pattern)));
  const [left, right] = sides.map((side) => groupsOf(pattern, side)) as [string[][], string[][]];
  if (left.length !== shape.length) {
    throw new ShapeError(
      describe('rearrange', `a pattern for the ${shape.length} axes of ${showShape(shape)}`, JSON.stringify(pattern)),
    );
  }
  const [from, to] = [left.flat(), right.flat()];
  if (new Set(from).size !== from.length || [...from].sort().join() !== [...to].sort().join()) {
    throw new ValueError(describe('rearrange', 'each name once on either side', JSON.stringify(pattern)));
  }
  const size = new Map<string, number>(Object.entries(sizes));
  left.forEach((names, axis) => {
    const unknown = names.filter((name) => !size.has(name));
    const known = sizeOf(names.flatMap((name) => size.get(name) ?? []));
    if (unknown.length === 1) size.set(unknown[0]!, shape[axis]! / known);
    if (
      unknown.length > 1 ||
      !names.every((name) => Number.isSafeInteger(size.get(name))) ||
      sizeOf(names.map((name) => size.get(name)!)) !== shape[axis]
    ) {
      const expected = `sizes of ${names.join(', ')} (all but one) that make up axis ${axis} of ${showShape(shape)}`;
      throw new ShapeError(describe('rearrange', expected, JSON.stringify(sizes)));
    }
  });
  const cut = lax.reshape(value, from.map((name) => size.get(name)!)); // prettier-ignore
  const moved = lax.transpose(cut, to.map((name) => from.indexOf(name))); // prettier-ignore
  return new Tensor(lax.reshape(moved, right.map((names) => sizeOf(names.map((name) => size.get(name)!))))); // prettier-ignore
}

function checkBlocks(where: string, x: Operand, block: number, divided: (shape: readonly number[]) => boolean): Tensor {
  const { type: { shape } } = toValue(where, x); // prettier-ignore
  if (!Number.isSafeInteger(block) || block < 1) {
    throw new ValueError(describe(where, 'a block size that is a whole number >= 1', String(block)));
  }
  if (shape.length !== 4 || !divided(shape)) {
    const expected = `images of [n, rows, columns, channels] that blocks of ${block} divide`;
    throw new ShapeError(describe(where, expected, showShape(shape)));
  }
  return new Tensor(toValue(where, x));
}

/**
 * Blocks of pixels become channels: [n, rows, columns, c] → [n, rows / b, columns / b, b · b · c].
 * @example spaceToDepth(ones([1, 4, 4, 2]), 2).shape // [1, 2, 2, 8]
 */
export function spaceToDepth(x: Operand, blockSize: number): Tensor {
  const divides = ([, rows, columns]: readonly number[]): boolean =>
    rows! % blockSize === 0 && columns! % blockSize === 0;
  const image = checkBlocks('spaceToDepth', x, blockSize, divides);
  return rearrange(image, 'n (h i) (w j) c -> n h w (i j c)', { i: blockSize, j: blockSize });
}

/**
 * Channels become blocks of pixels; the inverse of `spaceToDepth`.
 * @example depthToSpace(ones([1, 2, 2, 8]), 2).shape // [1, 4, 4, 2]
 */
export function depthToSpace(x: Operand, blockSize: number): Tensor {
  const divides = ([, , , channels]: readonly number[]): boolean => channels! % blockSize ** 2 === 0;
  const image = checkBlocks('depthToSpace', x, blockSize, divides);
  return rearrange(image, 'n h w (i j c) -> n (h i) (w j) c', { i: blockSize, j: blockSize });
}
