/**
 * Images, under the names of `keras.ops.image`: [rows, columns, channels], or a batch of them. Resizing is two products with
 * matrices of weights, so it has the gradients of products.
 */
import * as indexing from './primitives/indexing.js';
import { window } from './primitives/window.js';
import { describeThing, toValue, type Operand } from '../operand.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { tensor } from './creation.js';
import { toFloat } from './numeric.js';
import { reshape, transpose } from './shape.js';
import { perAxis, resolvePadding, type PerAxis } from './spatial.js';

export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  hsvToRgb,
  rgbToGrayscale,
  rgbToHsv,
} from './colour.js';
export {
  affineTransform,
  mapCoordinates,
  perspectiveTransform,
  type FillMode,
  type SampleOptions,
} from './sampling.js';

/** The value, and the number of its axis of rows. */
function imagesOf(where: string, x: Operand): { readonly images: Value; readonly rows: number } {
  const images = toValue(where, x);
  const rank = images.type.shape.length;
  if (rank !== 3 && rank !== 4) {
    const expected = 'images of [rows, columns, channels], or a batch of them';
    throw new ShapeError(describe(where, expected, showShape(images.type.shape)));
  }
  return { images, rows: rank - 3 };
}

/** Weight of a pixel at a distance, in pixels. */
type Filter = (distance: number) => number;

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos =
  (radius: number): Filter =>
  (x) =>
    x > radius ? 0 : sinc(x) * sinc(x / radius);

/** Keys's cubic has a = −½, as in JAX. */
const filters: Readonly<Record<Exclude<Interpolation, 'nearest'>, Filter>> = {
  bilinear: (x) => Math.max(0, 1 - x),
  bicubic: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
};

/** How pixels between pixels are found. */
export type Interpolation = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5';

/** Options of `resize`. */
export interface ResizeOptions {
  /** Default `bilinear`. */
  readonly interpolation?: Interpolation;
  /** Widens the filter when the image shrinks, so that every pixel counts. Default false. */
  readonly antialias?: boolean;
  /** Cuts the sides that the target's proportions leave no room for, instead of distorting. Default false. */
  readonly cropToAspectRatio?: boolean;
  /** Adds sides until the proportions are the target's, instead of distorting. Default false. */
  readonly padToAspectRatio?: boolean;
  /** What the added sides are filled with. Default 0. */
  readonly fillValue?: number;
}

/**
 * Images in another size. Pixels are squares: their centres lie at ½, 1½ …. Integers become float32, unless the
 * interpolation is `nearest`.
 * @param size rows and columns of the result
 * @example await image.resize(tensor([[[0], [1]]]), [1, 4]).array() // [[[0], [0.25], [0.75], [1]]]
 */
export function resize(x: Operand, size: readonly [number, number], options: ResizeOptions = {}): Tensor {
  const { interpolation = 'bilinear', antialias = false, fillValue = 0 } = options;
  const { images, rows } = imagesOf('resize', x);
  const sizes: readonly number[] = size;
  const isSize = Array.isArray(sizes) && sizes.length === 2 && sizes.every((n) => Number.isSafeInteger(n) && n >= 1);
  if (!isSize) {
    const received = Array.isArray(size) ? showShape(size) : describeThing(size);
    throw new ValueError(describe('resize', 'a size of two whole numbers >= 1 (rows, columns)', received));
  }
  if (interpolation !== 'nearest' && !Object.hasOwn(filters, interpolation)) {
    const names = ['nearest', ...Object.keys(filters)].join(', ');
    throw new ValueError(describe('resize', `an interpolation among ${names}`, JSON.stringify(interpolation)));
  }
  if (images.type.shape.slice(rows, rows + 2).includes(0)) {
    throw new ShapeError(describe('resize', 'images with pixels', showShape(images.type.shape)));
  }
  let value = images;
  if (options.cropToAspectRatio === true) value = toProportion(images, rows, size, Math.min, fillValue);
  else if (options.padToAspectRatio === true) value = toProportion(images, rows, size, Math.max, fillValue);
  for (const [i, target] of size.entries()) {
    const axis = rows + i;
    value =
      interpolation === 'nearest'
        ? nearest(value, axis, target)
        : weighted(toFloat(value), axis, target, filters[interpolation], antialias);
  }
  return new Tensor(value);
}

/** Cuts or adds sides until rows and columns are in the target's proportion. */
function toProportion(
  x: Value,
  rows: number,
  [height, width]: readonly [number, number],
  choose: (a: number, b: number) => number,
  fill: number,
): Value {
  const [m, n] = x.type.shape.slice(rows, rows + 2) as [number, number];
  const wanted = [choose(m, Math.floor((n * height) / width)), choose(n, Math.floor((m * width) / height))];
  const low = x.type.shape.map(() => 0);
  const high = x.type.shape.map(() => 0);
  for (const [i, size] of wanted.entries()) {
    const [own, least] = [x.type.shape[rows + i]!, Math.max(size, 1)];
    // Cut to the size; grown by equal sides, so that an odd pixel is left out, as in Keras.
    low[rows + i] = least < own ? -Math.floor((own - least) / 2) : Math.floor((least - own) / 2);
    high[rows + i] = least < own ? least - own - low[rows + i]! : low[rows + i]!;
  }
  return lax.pad(x, lax.scalar(fill, x.type.dtype), low, high);
}

/** Each pixel of the result is the pixel that its centre falls into. */
function nearest(x: Value, axis: number, target: number): Value {
  const size = x.type.shape[axis]!;
  const source = Int32Array.from({ length: target }, (_, i) => Math.floor(((i + 0.5) * size) / target));
  const front = [axis, ...x.type.shape.map((_, i) => i).filter((i) => i !== axis)];
  const indices = tensor(source, { shape: [target, 1] }).handle;
  const chosen = indexing.gather(lax.transpose(x, front), indices, 0);
  return lax.transpose(chosen, front.map((_, i) => front.indexOf(i))); // prettier-ignore
}

/** The axis, multiplied by a matrix of weights. */
function weighted(x: Value, axis: number, target: number, filter: Filter, antialias: boolean): Value {
  const size = x.type.shape[axis]!;
  if (size === target) return x;
  const data = weightsOf(size, target, filter, antialias);
  const weights = tensor(data, { shape: [size, target], dtype: x.type.dtype }).handle;
  const product = lax.dot(x, weights, [[axis], [0]]);
  const last = x.type.shape.length - 1;
  const order = x.type.shape.map((_, i) => (i < axis ? i : i === axis ? last : i - 1));
  return lax.transpose(product, order);
}

/** What each pixel (row) gives to each pixel of the result (column); every column sums to 1. */
function weightsOf(size: number, target: number, filter: Filter, antialias: boolean): Float64Array {
  const scale = size / target;
  const width = antialias ? Math.max(scale, 1) : 1;
  const weights = new Float64Array(size * target);
  for (let j = 0; j < target; j++) {
    const centre = (j + 0.5) * scale - 0.5;
    let total = 0;
    for (let i = 0; i < size; i++) total += weights[i * target + j] = filter(Math.abs(centre - i) / width);
    for (let i = 0; i < size; i++) weights[i * target + j]! /= total;
  }
  return weights;
}

/** Sides of images: how much at each of them, or what the result shall measure. */
export interface SideOptions {
  readonly top?: number;
  readonly left?: number;
  readonly bottom?: number;
  readonly right?: number;
  /** Rows of the result; stands for `top` or `bottom`, whichever is left out. */
  readonly targetHeight?: number;
  /** Columns of the result; stands for `left` or `right`, whichever is left out. */
  readonly targetWidth?: number;
}

/** Widths before and after an axis, two of the three given. */
function sidesOf(
  where: string,
  names: readonly [before: string, after: string, target: string],
  [before, after, target]: readonly (number | undefined)[],
  difference: (target: number) => number,
): readonly [number, number] {
  const given = [before, after, target].filter((n) => n !== undefined);
  if (given.length !== 2 || !given.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    const expected = `two of ${names.join(', ')}, whole numbers >= 0`;
    throw new ValueError(describe(where, expected, JSON.stringify(Object.fromEntries(names.map((name, i) => [name, [before, after, target][i]]))))); // prettier-ignore
  }
  const total = target === undefined ? undefined : difference(target);
  const widths = [before ?? total! - after!, after ?? total! - before!] as const;
  if (widths.some((n) => n < 0))
    throw new ValueError(describe(where, `a ${names[2]} that leaves no side below 0`, String(target)));
  return widths;
}

function changeSides(where: string, x: Operand, options: SideOptions, direction: 1 | -1, fill: number): Tensor {
  const { images, rows } = imagesOf(where, x);
  const { shape } = images.type;
  const { top, left, bottom, right, targetHeight, targetWidth } = options;
  const more = (axis: number) => (target: number) => direction * (target - shape[axis]!);
  const high = sidesOf(where, ['top', 'bottom', 'targetHeight'], [top, bottom, targetHeight], more(rows));
  const wide = sidesOf(where, ['left', 'right', 'targetWidth'], [left, right, targetWidth], more(rows + 1));
  const sides = shape.map((_, axis) => (axis === rows ? high : axis === rows + 1 ? wide : ([0, 0] as const)));
  const widths = (i: 0 | 1): number[] => sides.map((pair) => direction * pair[i] || 0);
  if (shape.some((n, axis) => n + widths(0)[axis]! + widths(1)[axis]! < 0)) {
    throw new ShapeError(describe(where, `sides that fit into images of ${showShape(shape)}`, JSON.stringify(options)));
  }
  return new Tensor(lax.pad(images, lax.scalar(fill, images.type.dtype), widths(0), widths(1)));
}

/**
 * Images without some of their sides.
 * @example image.cropImages(x, { top: 1, bottom: 2, left: 0, targetWidth: 4 })
 */
export function cropImages(x: Operand, options: SideOptions): Tensor {
  return changeSides('cropImages', x, options, -1, 0);
}

/**
 * Images with sides added.
 * @example image.padImages(x, { top: 1, bottom: 2, left: 0, targetWidth: 8 })
 */
export function padImages(x: Operand, options: SideOptions & { readonly fillValue?: number }): Tensor {
  const { fillValue = 0, ...sides } = options;
  return changeSides('padImages', x, sides, 1, fillValue);
}

/** Images mirrored, so that what was left is right. */
export function flipLeftRight(x: Operand): Tensor {
  const { images, rows } = imagesOf('flipLeftRight', x);
  return new Tensor(lax.flip(images, [rows + 1]));
}

/** Images mirrored, so that what was up is down. */
export function flipUpDown(x: Operand): Tensor {
  const { images, rows } = imagesOf('flipUpDown', x);
  return new Tensor(lax.flip(images, [rows]));
}

/** Options of `extractPatches`. */
export interface PatchOptions {
  /** Distance of two patches. Default: the size, so that they lie side by side. */
  readonly strides?: PerAxis;
  /** Distance of two pixels of a patch. Default 1. */
  readonly dilationRate?: PerAxis;
  /** `same`: zeros around the images. Default `valid`. */
  readonly padding?: 'valid' | 'same';
}

/**
 * Rectangles of pixels, each flattened into one row of rows · columns · channels numbers.
 * @example image.extractPatches(ones([1, 4, 4, 3]), 2).shape // [1, 2, 2, 12]
 */
export function extractPatches(x: Operand, size: PerAxis, options: PatchOptions = {}): Tensor {
  const where = 'extractPatches';
  const { images, rows } = imagesOf(where, x);
  const sizes = perAxis(where, 'size', size, 2);
  const strides = perAxis(where, 'strides', options.strides ?? size, 2);
  const dilation = perAxis(where, 'dilationRate', options.dilationRate ?? 1, 2);
  const axes = [rows, rows + 1];
  const reaches = sizes.map((n, i) => (n - 1) * dilation[i]! + 1);
  const spatial = images.type.shape.slice(rows, rows + 2);
  const widths = resolvePadding(where, options.padding ?? 'valid', spatial, reaches, strides);
  const around = (i: 0 | 1): number[] => images.type.shape.map((_, axis) => widths[axis - rows]?.[i] ?? 0);
  const padded = lax.pad(images, lax.scalar(0, images.type.dtype), around(0), around(1));
  if (padded.type.shape.slice(rows, rows + 2).some((n, i) => n < reaches[i]!)) {
    throw new ShapeError(
      describe(where, `images that the patch ${showShape(sizes)} fits into`, showShape(images.type.shape)),
    );
  }
  const windows = window(padded, { axes, sizes, strides, dilation });
  const order = Array.from({ length: rows + 2 }, (_, axis) => axis);
  const patches = transpose(new Tensor(windows), [...order, rows + 3, rows + 4, rows + 2]);
  return reshape(patches, [...patches.shape.slice(0, rows + 2), -1]);
}
