/** Gradients of what is done to images. */
import { image, tensor, type Tensor } from '@antler/core';
import type * as images from '../../../../packages/core/src/ops/image.js';
import { as, between, on, type Differentiable, type Gradients } from './row.js';

const small = [2, 3, 4, 1] as const;
const colours = [2, 2, 3] as const;
/** Not linear, so that there is a second order to check. */
const squared = (x: Tensor): Tensor => x.mul(x);
const ofColours = (f: (x: Tensor) => Tensor): readonly Differentiable[] => [between(0.1, 0.9, on(f, colours))];

export const imageGradients: Gradients<typeof images, typeof image> = {
  resize: [
    ...(['nearest', 'bilinear', 'bicubic', 'lanczos3'] as const).flatMap((interpolation) => [
      as(interpolation, (x) => squared(image.resize(x, [5, 3], { interpolation })), small),
      as(
        `${interpolation}, antialiased`,
        (x) => squared(image.resize(x, [2, 6], { interpolation, antialias: true })),
        small,
      ),
    ]),
    as('cut to proportion', (x) => squared(image.resize(x, [2, 2], { cropToAspectRatio: true })), small),
    as('filled to proportion', (x) => squared(image.resize(x, [2, 2], { padToAspectRatio: true })), small),
  ],
  cropImages: [on((x) => squared(image.cropImages(x, { top: 1, bottom: 0, left: 1, right: 1 })), small)],
  padImages: [on((x) => squared(image.padImages(x, { top: 1, bottom: 0, left: 1, right: 2 })), small)],
  flipLeftRight: [on((x) => image.flipLeftRight(x).mul(x), small)],
  flipUpDown: [on((x) => image.flipUpDown(x).mul(x), small)],
  extractPatches: [on((x) => squared(image.extractPatches(x, 2, { strides: 1, padding: 'same' })), small)],
  rgbToGrayscale: [on((x) => squared(image.rgbToGrayscale(x)), colours)],
  rgbToHsv: ofColours(image.rgbToHsv),
  hsvToRgb: ofColours(image.hsvToRgb),
  adjustBrightness: [on((x) => squared(image.adjustBrightness(x, 0.2)), colours)],
  adjustContrast: [on((x) => squared(image.adjustContrast(x, 1.5)), colours)],
  adjustSaturation: ofColours((x) => squared(image.adjustSaturation(x, 0.5))),
  adjustHue: ofColours((x) => squared(image.adjustHue(x, 0.1))),
  mapCoordinates: (['constant', 'nearest', 'wrap', 'mirror', 'reflect'] as const).map((fillMode) =>
    as(fillMode, (x, at) => squared(image.mapCoordinates(x, at.mul(2), { fillMode })), [3, 3], [2, 4]),
  ),
  affineTransform: [
    on(
      (x, map) =>
        squared(image.affineTransform(x, map.mul(0.1).add(tensor([1.03, 0.07, 0.41, 0.02, 0.9, 0.33, 0, 0])))),
      [2, 3, 3, 1],
      [2, 8],
    ),
  ],
  perspectiveTransform: [
    on(
      (x, start) => {
        const from = start.mul(0.05).add(tensor([[0.21, 0.17], [2.11, 0.31], [0.13, 1.87], [2.27, 1.93]])); // prettier-ignore
        return squared(image.perspectiveTransform(x, from, tensor([[0, 0], [2, 0], [0, 2], [2, 2]]))); // prettier-ignore
      },
      [3, 3, 1],
      [4, 2],
    ),
  ],
};
