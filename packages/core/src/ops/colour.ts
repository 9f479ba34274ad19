/** Colours of images, whose last axis is red, green and blue (or hue, saturation and value), each from 0 to 1. */
import { toValue, type Operand } from '../operand.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, ValueError, describe } from '../errors.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import {
  abs,
  add,
  cast,
  clip,
  divide,
  equal,
  greater,
  less,
  maximum,
  minimum,
  multiply,
  subtract,
  where,
} from './math.js';
import { mod } from './elementary.js';
import { toFloat } from './numeric.js';
import { mean } from './reduction.js';
import { concatenate, split } from './shape.js';

/** The three planes of an image, each with a last axis of one entry. */
function planesOf(name: string, x: Value): [Tensor, Tensor, Tensor] {
  const { shape, dtype } = x.type;
  if (shape.length < 3 || shape.at(-1) !== 3) {
    throw new ShapeError(describe(name, 'images of [rows, columns, 3], or a batch of them', showShape(shape)));
  }
  if (!isFloat(dtype))
    throw new DTypeError(describe(name, 'floats from 0 to 1', dtype, 'Use cast(x, "float32").div(255).'));
  return split(new Tensor(x), 3, -1) as [Tensor, Tensor, Tensor];
}

/** The largest of the planes, and how far the smallest is below it. */
function extent([r, g, b]: readonly [Tensor, Tensor, Tensor]): [largest: Tensor, range: Tensor] {
  const largest = maximum(maximum(r, g), b);
  return [largest, subtract(largest, minimum(minimum(r, g), b))];
}

/**
 * How bright each pixel is: 0.2989 red + 0.587 green + 0.114 blue. The last axis stays, with one entry; integers stay, cut.
 * @example await image.rgbToGrayscale(tensor([[[1, 1, 0]]])).array() // [[[0.8859]]]
 */
export function rgbToGrayscale(x: Operand): Tensor {
  const given = toValue('rgbToGrayscale', x);
  const [r, g, b] = planesOf('rgbToGrayscale', toFloat(given));
  return cast(add(add(multiply(r, 0.2989), multiply(g, 0.587)), multiply(b, 0.114)), given.type.dtype);
}

/**
 * Hue (in turns, red at 0), saturation and value of red, green and blue. Grey has hue 0.
 * @example await image.rgbToHsv(tensor([[[0, 1, 0]]])).array() // [[[1 / 3, 1, 1]]]
 */
export function rgbToHsv(x: Operand): Tensor {
  const planes = planesOf('rgbToHsv', toValue('rgbToHsv', x));
  const [r, g, b] = planes;
  const [value, range] = extent(planes);
  const [isColoured, isBright] = [greater(range, 0), greater(value, 0)];
  const saturation = where(isBright, divide(range, where(isBright, value, 1)), 0);
  const sixth = divide(1 / 6, where(isColoured, range, 1));
  const fromGreen = add(multiply(sixth, subtract(b, r)), 2 / 6);
  const fromBlue = add(multiply(sixth, subtract(r, g)), 4 / 6);
  const fromRed = multiply(sixth, subtract(g, b));
  const turned = where(equal(value, r), fromRed, where(equal(value, g), fromGreen, fromBlue));
  const hue = where(isColoured, turned, 0);
  return concatenate([where(less(hue, 0), add(hue, 1), hue), saturation, value], -1);
}

/**
 * Red, green and blue of hue (in turns), saturation and value.
 * @example await image.hsvToRgb(tensor([[[0.5, 1, 1]]])).array() // [[[0, 1, 1]]]
 */
export function hsvToRgb(x: Operand): Tensor {
  const [hue, saturation, value] = planesOf('hsvToRgb', toValue('hsvToRgb', x));
  const sixths = multiply(mod(hue, 1), 6);
  const plane = (pure: Tensor): Tensor =>
    multiply(value, add(subtract(1, saturation), multiply(saturation, clip(pure, 0, 1))));
  const red = plane(subtract(abs(subtract(sixths, 3)), 1));
  const green = plane(subtract(2, abs(subtract(sixths, 2))));
  const blue = plane(subtract(2, abs(subtract(sixths, 4))));
  return concatenate([red, green, blue], -1);
}

function checkNumber(name: string, what: string, given: number): void {
  if (!Number.isFinite(given)) throw new ValueError(describe(name, `a finite ${what}`, String(given)));
}

/** Pixels plus a number. */
export function adjustBrightness(x: Operand, delta: number): Tensor {
  checkNumber('adjustBrightness', 'delta', delta);
  return add(x, delta);
}

/**
 * Each channel's distance from its mean over the image, times a factor.
 * @example await image.adjustContrast(tensor([[[0], [2]]]), 2).array() // [[[-1], [3]]]
 */
export function adjustContrast(x: Operand, factor: number): Tensor {
  checkNumber('adjustContrast', 'factor', factor);
  const value = toFloat(toValue('adjustContrast', x));
  const rank = value.type.shape.length;
  if (rank < 3) {
    throw new ShapeError(describe('adjustContrast', 'images of [rows, columns, channels], or a batch of them', showShape(value.type.shape))); // prettier-ignore
  }
  const image = new Tensor(value);
  const centre = mean(image, [rank - 3, rank - 2], true);
  return add(multiply(subtract(image, centre), factor), centre);
}

/** Saturation times a factor, limited to [0, 1]. */
export function adjustSaturation(x: Operand, factor: number): Tensor {
  checkNumber('adjustSaturation', 'factor', factor);
  const [hue, saturation, value] = split(rgbToHsv(x), 3, -1) as [Tensor, Tensor, Tensor];
  return hsvToRgb(concatenate([hue, clip(multiply(saturation, factor), 0, 1), value], -1));
}

/** Hue turned by a part of a full turn. */
export function adjustHue(x: Operand, delta: number): Tensor {
  checkNumber('adjustHue', 'delta', delta);
  const [hue, saturation, value] = split(rgbToHsv(x), 3, -1) as [Tensor, Tensor, Tensor];
  return hsvToRgb(concatenate([add(hue, delta), saturation, value], -1));
}
