/** Gradients of what moves and measures elements: images, segments, subscripts, patterns, distances. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { image, registerBackends, setBackend, tensor, type Tensor } from '../src/index.js';
import { describeGradients, type Case } from './finiteDifferences.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

const small = [[2, 3, 4, 1]] as const;
const colours = [[2, 2, 3]] as const;
const unit = [0.1, 0.9] as const;
const ids = (): Tensor => tensor(Int32Array.of(2, 0, 2));
/** Not linear, so that there is a second order to check. */
const squared = (x: Tensor): Tensor => x.mul(x);
const modes = ['constant', 'nearest', 'wrap', 'mirror', 'reflect'] as const;

const cases: readonly Case[] = [
  ...(['nearest', 'bilinear', 'bicubic', 'lanczos3'] as const).flatMap((interpolation): Case[] => [
    { name: `resize, ${interpolation}`, f: (x) => squared(image.resize(x, [5, 3], { interpolation })), shapes: small },
    {
      name: `resize, ${interpolation}, antialiased`,
      f: (x) => squared(image.resize(x, [2, 6], { interpolation, antialias: true })),
      shapes: small,
    },
  ]),
  {
    name: 'resize, cut to proportion',
    f: (x) => squared(image.resize(x, [2, 2], { cropToAspectRatio: true })),
    shapes: small,
  },
  {
    name: 'resize, filled to proportion',
    f: (x) => squared(image.resize(x, [2, 2], { padToAspectRatio: true })),
    shapes: small,
  },
  { name: 'cropImages', f: (x) => squared(image.cropImages(x, { top: 1, bottom: 0, left: 1, right: 1 })), shapes: small },
  { name: 'padImages', f: (x) => squared(image.padImages(x, { top: 1, bottom: 0, left: 1, right: 2 })), shapes: small },
  { name: 'flips', f: (x) => image.flipLeftRight(x).mul(image.flipUpDown(x)).mul(x), shapes: small },
  { name: 'extractPatches', f: (x) => squared(image.extractPatches(x, 2, { strides: 1, padding: 'same' })), shapes: small },
  { name: 'rgbToGrayscale', f: (x) => squared(image.rgbToGrayscale(x)), shapes: colours },
  { name: 'rgbToHsv', f: image.rgbToHsv, shapes: colours, range: unit },
  { name: 'hsvToRgb', f: image.hsvToRgb, shapes: colours, range: unit },
  { name: 'adjustContrast', f: (x) => squared(image.adjustContrast(x, 1.5)), shapes: colours },
  { name: 'adjustSaturation', f: (x) => squared(image.adjustSaturation(x, 0.5)), shapes: colours, range: unit },
  { name: 'adjustHue', f: (x) => squared(image.adjustHue(x, 0.1)), shapes: colours, range: unit },
  ...modes.map((fillMode): Case => ({
    name: `mapCoordinates, ${fillMode}`,
    f: (x, at) => squared(image.mapCoordinates(x, at.mul(2), { fillMode })),
    shapes: [[3, 3], [2, 4]], // prettier-ignore
  })),
  {
    name: 'affineTransform',
    f: (x, map) => squared(image.affineTransform(x, map.mul(0.1).add(tensor([1.03, 0.07, 0.41, 0.02, 0.9, 0.33, 0, 0])))),
    shapes: [[2, 3, 3, 1], [2, 8]], // prettier-ignore
  },
  {
    name: 'perspectiveTransform',
    f: (x, start) =>
      squared(
        image.perspectiveTransform(
          x,
          start.mul(0.05).add(tensor([[0.21, 0.17], [2.11, 0.31], [0.13, 1.87], [2.27, 1.93]])),
          tensor([[0, 0], [2, 0], [0, 2], [2, 2]]),
        ),
      ),
    shapes: [[3, 3, 1], [4, 2]], // prettier-ignore
  },
  { name: 'segmentSum', f: (x) => squared(antler.segmentSum(x, ids(), { numSegments: 4 })), shapes: [[3, 2]] },
  {
    name: 'segmentMax',
    f: (x) => squared(antler.index(antler.segmentMax(x, ids(), { numSegments: 3 }), { step: 2 })),
    shapes: [[3, 2]],
  },
  {
    name: 'scatter',
    f: (x) => squared(antler.scatter(tensor(Int32Array.of(0, 1, 1, 0, 0, 1), { shape: [3, 2] }), x, [2, 2])),
    shapes: [[3]],
  },
  { name: 'index', f: (x) => squared(antler.index(x, { step: -2 }, '...', 1, null)), shapes: [[3, 2, 2]] },
  { name: 'rearrange', f: (x) => squared(antler.rearrange(x, 'a (b c) -> c (b a)', { b: 2 })).mul(2), shapes: [[2, 6]] },
  { name: 'cdist', f: antler.cdist, shapes: [[2, 3, 2], [2, 2]] }, // prettier-ignore
  { name: 'nanMean', f: (x) => squared(antler.nanMean(x, 1)), shapes: [[2, 3]] },
  { name: 'norm, spectral', f: (x) => antler.norm(x, { ord: 2 }), shapes: [[3, 2]] },
  { name: 'norm, nuclear', f: (x) => antler.norm(x, { ord: 'nuc' }), shapes: [[2, 3]] },
]; // prettier-ignore

describeGradients(cases);

test('images inside of jit are one program, with the same numbers', async () => {
  const f = (x: Tensor): Tensor => image.adjustHue(image.resize(x, [5, 4], { interpolation: 'bicubic' }), 0.2);
  const x = antler.random.uniform([2, 3, 3, 3], { key: antler.random.key(1) });
  expect(await antler.jit(f)(x).data()).toEqual(await f(x).data());
});
