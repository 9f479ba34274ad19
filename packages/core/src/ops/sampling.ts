/** Images read at computed places: at coordinates, and through affine and projective maps. */
import * as indexing from './primitives/indexing.js';
import { toValue, type Operand } from '../operand.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { toFloat } from './numeric.js';
import { host, solve } from './hostComposites.js';

/**
 * What lies outside of an array: one number, its outermost elements, the array again, or the array mirrored, at the middle
 * of its outermost elements (`mirror`) or beyond them (`reflect`).
 */
export type FillMode = 'constant' | 'nearest' | 'wrap' | 'mirror' | 'reflect';

/** Options of functions that read between pixels. */
export interface SampleOptions {
  /** `bilinear` (the default) weighs the pixels around a place, `nearest` takes the closest one. */
  readonly interpolation?: 'bilinear' | 'nearest';
  /** Default `constant`. */
  readonly fillMode?: FillMode;
  /** The number outside of the array, for `constant`. Default 0. */
  readonly fillValue?: number;
}

/** x modulo n, from 0 to n − 1. */
function modulo(x: Value, n: number): Value {
  const size = lax.fill(x.type, n);
  return lax.rem(lax.add(lax.rem(x, size), size), size);
}

/** Folds positions into 0 … n − 1, back and forth. */
function mirrored(x: Value, n: number): Value {
  const last = n - 1;
  if (last === 0) return lax.fill(x.type, 0);
  return lax.abs(lax.sub(modulo(lax.add(x, lax.fill(x.type, last)), 2 * last), lax.fill(x.type, last)));
}

/** The position inside of an axis of n entries that a position outside stands for. */
const fixes: Readonly<Record<FillMode, (x: Value, n: number) => Value>> = {
  constant: (x) => x,
  nearest: (x) => x,
  wrap: modulo,
  mirror: mirrored,
  // The mirrors lie half an entry further out: with twice the positions, at whole ones.
  reflect: (x, n) => {
    const doubled = lax.add(lax.add(x, x), lax.fill(x.type, 1));
    return lax.div(lax.sub(mirrored(doubled, 2 * n + 1), lax.fill(x.type, 1)), lax.fill(x.type, 2));
  },
};

/** An entry on each side of a coordinate (or the closest one), with its weight. */
interface Neighbour {
  readonly index: Value;
  /** False where it lies outside. */
  readonly inside: Value;
  readonly weight: Value | null;
}

function neighbours(
  coordinate: Value,
  size: number,
  { interpolation, fillMode = 'constant' }: SampleOptions,
): Neighbour[] {
  const { type } = coordinate;
  const at = (place: Value, weight: Value | null): Neighbour => {
    const index = fixes[fillMode](lax.cast(place, 'int32'), size);
    const [zero, last] = [lax.fill(index.type, 0), lax.fill(index.type, size - 1)];
    const clamped = lax.min(lax.max(index, zero), last);
    return { index: clamped, inside: lax.eq(index, clamped), weight };
  };
  if (interpolation === 'nearest') {
    // Halves go away from 0, as in SciPy.
    const away = lax.floor(lax.add(lax.abs(coordinate), lax.fill(type, 0.5)));
    return [at(lax.mul(lax.sign(coordinate), away), null)];
  }
  const lower = lax.floor(coordinate);
  const share = lax.sub(coordinate, lower);
  const one = lax.fill(type, 1);
  return [at(lower, lax.sub(one, share)), at(lax.add(lower, one), share)];
}

/**
 * Entries of x [batch, indexed, slice] at coordinates, one array [batch, places] for each indexed axis: sums over the corners
 * of the cell around each place.
 */
function sample(x: Value, coordinates: readonly Value[], batch: number, options: SampleOptions): Value {
  const { shape, dtype } = x.type;
  const { fillMode = 'constant', fillValue = 0 } = options;
  const sides = coordinates.map((coordinate, i) => neighbours(coordinate, shape[batch + i]!, options));
  const corners = sides.reduce<Neighbour[][]>(
    (chosen, side) => chosen.flatMap((corner) => side.map((one) => [...corner, one])),
    [[]],
  );
  const slice = shape.slice(batch + coordinates.length);
  const places = coordinates[0]!.type.shape;
  const result = [...places, ...slice];
  const spread = (value: Value): Value => lax.broadcast(value, result, places.map((_, i) => i)); // prettier-ignore
  const terms = corners.map((corner) => {
    const columns = corner.map(({ index }) => lax.reshape(index, [...places, 1]));
    const found = indexing.gather(x, lax.concat(columns, places.length), batch);
    const inside = corner.map((one) => one.inside).reduce((a, b) => lax.and(a, b));
    const kept =
      fillMode === 'constant'
        ? lax.select(spread(inside), found, lax.fill({ shape: result, dtype }, fillValue))
        : found;
    const weights = corner.flatMap(({ weight }) => (weight === null ? [] : [weight]));
    if (weights.length === 0) return kept;
    return lax.mul(kept, spread(weights.reduce((a, b) => lax.mul(a, b))));
  });
  return terms.reduce((a, b) => lax.add(a, b));
}

function checkOptions(where: string, { interpolation = 'bilinear', fillMode = 'constant' }: SampleOptions): void {
  if (!Object.hasOwn({ bilinear: 0, nearest: 0 }, interpolation)) {
    throw new ValueError(describe(where, 'interpolation bilinear or nearest', JSON.stringify(interpolation)));
  }
  if (!Object.hasOwn(fixes, fillMode)) {
    throw new ValueError(
      describe(where, `a fillMode among ${Object.keys(fixes).join(', ')}`, JSON.stringify(fillMode)),
    );
  }
}

/**
 * Elements of x at coordinates, which may lie between elements. Differentiable in both.
 * @param coordinates [rank of x, ...places]: for each axis of x, where on it; 0 is the middle of the first element
 * @param options.order 0: the closest element; 1 (the default): linear between elements
 * @example await image.mapCoordinates(tensor([0, 10, 20]), tensor([[0.5, 1.25]])).array() // [5, 12.5]
 */
export function mapCoordinates(
  x: Operand,
  coordinates: Operand,
  options: { readonly order?: 0 | 1 } & Omit<SampleOptions, 'interpolation'> = {},
): Tensor {
  const where = 'mapCoordinates';
  const { order = 1, ...rest } = options;
  if (!Object.hasOwn([0, 0], order)) throw new ValueError(describe(where, 'order 0 or 1', String(order)));
  checkOptions(where, rest);
  const value = toFloat(toValue(where, x));
  const places = lax.cast(toFloat(toValue(where, coordinates)), value.type.dtype);
  const { shape } = places.type;
  const rank = value.type.shape.length;
  if (rank === 0 || shape.length < 1 || shape[0] !== rank) {
    const expected = `coordinates with one row for each axis of x ${showShape(value.type.shape)}`;
    throw new ShapeError(describe(where, expected, showShape(shape)));
  }
  checkNotEmpty(where, value, value.type.shape);
  const rows = value.type.shape.map((_, i) => rowOf(places, 0, i));
  return new Tensor(sample(value, rows, 0, { ...rest, interpolation: order === 0 ? 'nearest' : 'bilinear' }));
}

function checkNotEmpty(where: string, x: Value, sizes: readonly number[]): void {
  if (sizes.includes(0)) throw new ShapeError(describe(where, 'an array with elements', showShape(x.type.shape)));
}

/** Entry i of an axis, without the axis. */
function rowOf(x: Value, axis: number, i: number): Value {
  const { shape } = x.type;
  const cut = lax.slice(x, shape.map((_, k) => (k === axis ? i : 0)), shape.map((n, k) => (k === axis ? i + 1 : n))); // prettier-ignore
  return lax.reshape(cut, shape.filter((_, k) => k !== axis)); // prettier-ignore
}

/** Reads images [n, rows, columns, channels] at the places that maps [n, 8] take each pixel to. */
function project(images: Value, maps: Value, options: SampleOptions): Value {
  const [n, rows, columns] = images.type.shape as [number, number, number];
  const { dtype } = images.type;
  const shape = [n, rows, columns];
  const along = (size: number, axis: number): Value =>
    lax.broadcast(lax.cast(lax.iota(size, 'int32'), dtype), shape, [axis]);
  const [y, x] = [along(rows, 1), along(columns, 2)];
  const entry = (i: number): Value => lax.broadcast(rowOf(maps, 1, i), shape, [0]);
  const linear = (a: number, b: number, last: Value): Value =>
    lax.add(lax.add(lax.mul(entry(a), x), lax.mul(entry(b), y)), last);
  const depth = linear(6, 7, lax.fill({ shape, dtype }, 1));
  const from = (first: number): Value => lax.div(linear(first, first + 1, entry(first + 2)), depth);
  return sample(images, [from(3), from(0)], 1, options);
}

/** Images as a batch and one map for each, then the result as the images came. */
function transformed(
  where: string,
  x: Operand,
  given: readonly Operand[],
  entry: readonly number[],
  options: SampleOptions,
  mapsOf: (values: readonly Value[]) => Value,
): Tensor {
  checkOptions(where, options);
  const images = toFloat(toValue(where, x));
  const { shape, dtype } = images.type;
  if (shape.length !== 3 && shape.length !== 4) {
    throw new ShapeError(describe(where, 'images of [rows, columns, channels], or a batch of them', showShape(shape)));
  }
  const batched = shape.length === 4 ? images : lax.reshape(images, [1, ...shape]);
  checkNotEmpty(where, images, batched.type.shape.slice(1, 3));
  const count = batched.type.shape[0]!;
  const values = given.map((operand) => {
    const value = lax.cast(toFloat(toValue(where, operand)), dtype);
    const own = value.type.shape;
    if (!sameShape(own, entry) && !sameShape(own, [count, ...entry])) {
      const expected = `an array of ${showShape(entry)}, or one for each of ${count} images`;
      throw new ShapeError(describe(where, expected, showShape(own)));
    }
    return lax.broadcastLike(value, [count, ...entry]);
  });
  return new Tensor(lax.reshape(project(batched, mapsOf(values), options), shape));
}

/**
 * Images seen through a map from each pixel of the result to where it is read: x′ = (a₀x + a₁y + a₂) / k and
 * y′ = (b₀x + b₁y + b₂) / k with k = c₀x + c₁y + 1.
 * @param transform [8], or one for each image: a₀, a₁, a₂, b₀, b₁, b₂, c₀, c₁
 * @example image.affineTransform(x, tensor([1, 0, 2, 0, 1, 0, 0, 0])) // two columns to the left
 */
export function affineTransform(x: Operand, transform: Operand, options: SampleOptions = {}): Tensor {
  return transformed('affineTransform', x, [transform], [8], options, ([maps]) => maps!);
}

/**
 * Images drawn so that four points come to lie where four others are.
 * @param startPoints [4, 2] of x and y, or one for each image
 * @param endPoints as `startPoints`: where they shall be
 */
export function perspectiveTransform(
  x: Operand,
  startPoints: Operand,
  endPoints: Operand,
  options: SampleOptions = {},
): Tensor {
  const given = [startPoints, endPoints];
  return transformed('perspectiveTransform', x, given, [4, 2], options, ([start, end]) => homography(start!, end!));
}

/** The projective map [n, 8] that takes each end point to its start point. */
function homography(start: Value, end: Value): Value {
  const [n] = start.type.shape as [number];
  const { dtype } = start.type;
  const [toX, toY] = [rowOf(start, 2, 0), rowOf(start, 2, 1)];
  const [x, y] = [rowOf(end, 2, 0), rowOf(end, 2, 1)];
  const [zero, one] = [0, 1].map((value) => lax.fill({ shape: [n, 4], dtype }, value)) as [Value, Value];
  const equations = (columns: readonly Value[]): Value =>
    lax.concat(columns.map((column) => lax.reshape(column, [n, 4, 1])), 2); // prettier-ignore
  const bent = (to: Value): readonly Value[] => [lax.neg(lax.mul(to, x)), lax.neg(lax.mul(to, y))];
  const matrix = lax.concat(
    [equations([x, y, one, zero, zero, zero, ...bent(toX)]), equations([zero, zero, zero, x, y, one, ...bent(toY)])],
    1,
  );
  const right = lax.reshape(lax.concat([toX, toY], 1), [n, 8, 1]);
  return lax.reshape(host(solve, [matrix, right], {})[0]!, [n, 8]);
}
