/** Images small enough to be worked out by hand; `test/golden/image.test.ts` has larger ones. */
import type * as core from '@antler/core';
import { DTypeError, ShapeError, ValueError, image, ones, tensor } from '@antler/core';
import type * as images from '../../../../packages/core/src/ops/image.js';
import { of, upTo } from '../values.js';
import { call, refusal, type Records } from './record.js';

const row = (...numbers: number[]): ReturnType<typeof of> => of([numbers.map((x) => [x])]);
const grid = of([[[1], [2]], [[3], [4]]]); // prettier-ignore
const near = { within: (): number => 4 };
const still = (): core.Tensor => tensor([1, 0, 0, 0, 1, 0, 0, 0]);
const flat = (): core.Tensor => ones([2, 2]);
const anImage = 'images of [rows, columns, channels], or a batch of them';

export const imageRecords: Records<typeof images, typeof core.image> = {
  resize: {
    samples: [
      call((x) => image.resize(x, [1, 4]), [row(0, 1)], row(0, 0.25, 0.75, 1)),
      call((x) => image.resize(x, [1, 2]), [row(0, 1, 2, 3)], row(0.5, 2.5)),
      call((x) => image.resize(x, [1, 2], { antialias: true }), [row(0, 0, 7, 7)], row(1, 6)),
      call((x) => image.resize(x, [2, 4], { interpolation: 'nearest' }), [row(1, 2)], of([[[1], [1], [2], [2]], [[1], [1], [2], [2]]])),
      call((x) => image.resize(x, [1, 1], { interpolation: 'nearest' }), [of([[[1, 2], [3, 4], [5, 6]]], 'uint8')], of([[[3, 4]]], 'uint8')),
      call((x) => image.resize(x, [1, 1], { cropToAspectRatio: true }), [row(1, 5, 9)], row(5)),
      call((x) => image.resize(x, [1, 3], { padToAspectRatio: true, fillValue: 9 }), [row(5)], row(9, 5, 9)),
      call((x) => image.resize(x, [2, 1], { interpolation: 'bicubic' }), [grid], of([[[1.5]], [[3.5]]])),
      call((x) => image.resize(x, [1, 1], { interpolation: 'lanczos3' }), [of([[[[8]]], [[[2]]]])], of([[[[8]]], [[[2]]]])),
    ],
    refuses: [
      refusal(() => image.resize(flat(), [1, 1]), ShapeError, `resize: expected ${anImage}`, '[2, 2]'),
      refusal(() => image.resize(ones([2, 2, 1]), [0, 1]), ValueError, 'a size of two whole numbers >= 1', '[0, 1]'),
      refusal(() => image.resize(ones([2, 2, 1]), 2 as never), ValueError, 'a size of two whole numbers >= 1', '2'),
      refusal(() => image.resize(ones([2, 2, 1]), [1, 1], { interpolation: 'cubic' as never }), ValueError, 'an interpolation among nearest, bilinear', '"cubic"'),
      refusal(() => image.resize(ones([2, 0, 1]), [1, 1]), ShapeError, 'images with pixels', '[2, 0, 1]'),
    ],
  },
  cropImages: {
    samples: [
      call((x) => image.cropImages(x, { top: 1, bottom: 0, left: 0, right: 1 }), [grid], of([[[3]]])),
      call((x) => image.cropImages(x, { top: 1, targetHeight: 1, right: 0, targetWidth: 1 }), [grid], of([[[4]]])),
    ],
    refuses: [
      refusal(() => image.cropImages(ones([2, 2, 1]), { top: 1, left: 0, right: 0 }), ValueError, 'cropImages: expected two of top, bottom, targetHeight', '{"top":1}'),
      refusal(() => image.cropImages(ones([2, 2, 1]), { top: 1, bottom: 2, left: 0, right: 0 }), ShapeError, 'sides that fit into images of [2, 2, 1]'),
      refusal(() => image.cropImages(ones([2, 2, 1]), { top: 1, targetHeight: 2, left: 0, right: 0 }), ValueError, 'a targetHeight that leaves no side below 0', '2'),
    ],
  },
  padImages: {
    samples: [
      call((x) => image.padImages(x, { top: 0, bottom: 1, left: 1, right: 0 }), [row(5)], of([[[0], [5]], [[0], [0]]])),
      call((x) => image.padImages(x, { top: 1, targetHeight: 3, right: 0, targetWidth: 1, fillValue: 7 }), [row(5)], of([[[7]], [[5]], [[7]]])),
    ],
    refuses: [refusal(() => image.padImages(flat(), { top: 1 }), ShapeError, `padImages: expected ${anImage}`)],
  },
  flipLeftRight: { samples: [call((x) => image.flipLeftRight(x), [grid], of([[[2], [1]], [[4], [3]]]))], refuses: [refusal(() => image.flipLeftRight(flat()), ShapeError, anImage)] },
  flipUpDown: { samples: [call((x) => image.flipUpDown(x), [grid], of([[[3], [4]], [[1], [2]]]))], refuses: [refusal(() => image.flipUpDown(flat()), ShapeError, anImage)] },
  extractPatches: {
    samples: [
      call((x) => image.extractPatches(x, 2), [grid], of([[[1, 2, 3, 4]]])),
      call((x) => image.extractPatches(x, [1, 2], { strides: 1, padding: 'same' }), [grid], of([[[1, 2], [2, 0]], [[3, 4], [4, 0]]])),
      call((x) => image.extractPatches(x, [1, 2], { dilationRate: 2 }), [row(1, 2, 3)], of([[[1, 3]]])),
    ],
    refuses: [
      refusal(() => image.extractPatches(ones([2, 2, 1]), 3), ShapeError, 'images that the patch [3, 3] fits into', '[2, 2, 1]'),
      refusal(() => image.extractPatches(ones([2, 2, 1]), 0), ValueError, 'size as a whole number >= 1', '0'),
    ],
  },
  rgbToGrayscale: {
    samples: [
      call((x) => image.rgbToGrayscale(x), [of([[[1, 0, 0], [0, 2, 0], [0, 0, 4]]])], of([[[0.2989], [1.174], [0.456]]]), near),
      call((x) => image.rgbToGrayscale(x), [of([[[10, 20, 30]]], 'uint8')], of([[[18]]], 'uint8')),
    ],
    refuses: [refusal(() => image.rgbToGrayscale(ones([2, 2, 1])), ShapeError, 'images of [rows, columns, 3]', '[2, 2, 1]')],
  },
  rgbToHsv: {
    samples: [
      call((x) => image.rgbToHsv(x), [of([[[1, 0, 0], [0, 1, 0], [0, 0, 0.5], [0.5, 0.5, 0.5], [0, 0, 0], [1, 0, 0.5]]])], of([[[0, 1, 1], [1 / 3, 1, 1], [2 / 3, 1, 0.5], [0, 0, 0.5], [0, 0, 0], [11 / 12, 1, 1]]]), near),
    ],
    refuses: [refusal(() => image.rgbToHsv(tensor(new Uint8Array(3), { shape: [1, 1, 3] })), DTypeError, 'floats from 0 to 1', 'uint8')],
  },
  hsvToRgb: {
    samples: [call((x) => image.hsvToRgb(x), [of([[[0, 1, 1], [0.5, 1, 1], [0.25, 0, 0.5], [-0.5, 1, 1]]])], of([[[1, 0, 0], [0, 1, 1], [0.5, 0.5, 0.5], [0, 1, 1]]]))],
    refuses: [refusal(() => image.hsvToRgb(flat()), ShapeError, 'images of [rows, columns, 3]', '[2, 2]')],
  },
  adjustBrightness: {
    samples: [call((x) => image.adjustBrightness(x, 0.5), [row(1, 2)], row(1.5, 2.5))],
    refuses: [refusal(() => image.adjustBrightness(ones([1, 1, 3]), NaN), ValueError, 'adjustBrightness: expected a finite delta', 'NaN')],
  },
  adjustContrast: {
    samples: [call((x) => image.adjustContrast(x, 2), [of([[[[0, 5], [2, 5]]], [[[1, 1], [1, 3]]]])], of([[[[-1, 5], [3, 5]]], [[[1, 0], [1, 4]]]]))],
    refuses: [refusal(() => image.adjustContrast(flat(), 2), ShapeError, anImage), refusal(() => image.adjustContrast(ones([1, 1, 3]), Infinity), ValueError, 'a finite factor')],
  },
  adjustSaturation: {
    samples: [call((x) => [image.adjustSaturation(x, 0), image.adjustSaturation(x, 2)], [of([[[1, 0.5, 0.5]]])], [of([[[1, 1, 1]]]), of([[[1, 0, 0]]])])],
    refuses: [refusal(() => image.adjustSaturation(ones([1, 1, 3]), NaN), ValueError, 'a finite factor')],
  },
  adjustHue: {
    samples: [call((x) => image.adjustHue(x, 0.5), [of([[[1, 0, 0]]])], of([[[0, 1, 1]]]))],
    refuses: [refusal(() => image.adjustHue(ones([1, 1, 3]), NaN), ValueError, 'a finite delta')],
  },
  mapCoordinates: {
    samples: [
      call((x, at) => image.mapCoordinates(x, at), [of([0, 10, 20]), of([[0.5, 1.25, 2, -1]])], of([5, 12.5, 20, 0])),
      call((x, at) => image.mapCoordinates(x, at, { order: 0 }), [of([0, 10, 20]), of([[0.5, 1.25, -0.4]])], of([10, 10, 0])),
      call((x, at) => (['nearest', 'wrap', 'mirror', 'reflect'] as const).map((fillMode) => image.mapCoordinates(x, at, { fillMode })), [of([0, 10, 20]), of([[-1, 3, 5]])], [of([0, 20, 20]), of([20, 0, 20]), of([10, 10, 10]), of([0, 20, 0])]),
      call((x, at) => image.mapCoordinates(x, at), [of([[0, 1], [2, 3]]), of([[[0.5]], [[0.5]]])], of([[1.5]])),
    ],
    refuses: [
      refusal(() => image.mapCoordinates(flat(), ones([1, 3])), ShapeError, 'coordinates with one row for each axis of x [2, 2]', '[1, 3]'),
      refusal(() => image.mapCoordinates(ones([2]), ones([1, 3]), { order: 2 as never }), ValueError, 'order 0 or 1', '2'),
      refusal(() => image.mapCoordinates(ones([2]), ones([1, 3]), { fillMode: 'edge' as never }), ValueError, 'a fillMode among constant, nearest, wrap', '"edge"'),
      refusal(() => image.mapCoordinates(ones([0]), ones([1, 3])), ShapeError, 'an array with elements', '[0]'),
    ],
  },
  affineTransform: {
    samples: [
      call((x) => image.affineTransform(x, still()), [grid], grid),
      call((x, map) => image.affineTransform(x, map), [row(1, 2, 3), of([1, 0, 1, 0, 1, 0, 0, 0])], row(2, 3, 0)),
      call((x, map) => image.affineTransform(x, map, { fillMode: 'nearest' }), [of([[[[1], [2]]], [[[3], [4]]]]), of([[1, 0, 1, 0, 1, 0, 0, 0], [1, 0, 0.5, 0, 1, 0, 0, 0]])], of([[[[2], [2]]], [[[3.5], [4]]]])),
      call((x, map) => image.affineTransform(x, map), [row(1, 2, 3), of([2, 0, 0, 0, 2, 0, 1, 0])], row(1, 2, 2 + 1 / 3), near),
    ],
    refuses: [
      refusal(() => image.affineTransform(ones([2, 2, 1]), ones([6])), ShapeError, 'an array of [8], or one for each of 1 images', '[6]'),
      refusal(() => image.affineTransform(flat(), still()), ShapeError, `affineTransform: expected ${anImage}`),
      refusal(() => image.affineTransform(ones([2, 2, 1]), still(), { interpolation: 'bicubic' as never }), ValueError, 'interpolation bilinear or nearest', '"bicubic"'),
    ],
  },
  perspectiveTransform: {
    samples: [
      call((x) => image.perspectiveTransform(x, tensor([[1, 0], [2, 0], [1, 1], [2, 1]]), tensor([[0, 0], [1, 0], [0, 1], [1, 1]])), [row(...upTo(3))], row(1, 2, 0), { within: () => 16 }),
    ],
    refuses: [refusal(() => image.perspectiveTransform(ones([2, 2, 1]), ones([4, 2]), ones([3, 2])), ShapeError, 'an array of [4, 2], or one for each of 1 images', '[3, 2]')],
  },
}; // prettier-ignore
