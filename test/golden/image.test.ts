/** Image functions against those of Keras 3.15.1; `image.py` wrote the cases. */
import { readFileSync } from 'node:fs';
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, expect, test } from '@jest/globals';
import { image, registerBackends, setBackend, tensor, type Tensor } from '@antler/core';

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly name: string;
  readonly call: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Numbers[];
  readonly output: Numbers;
}
type Call = (inputs: readonly Tensor[], options: never) => Tensor;

const calls: Readonly<Record<string, Call>> = {
  resize: ([x], { size, ...options }: { size: [number, number] }) => image.resize(x!, size, options),
  extractPatches: ([x], { size, ...options }: { size: [number, number] }) => image.extractPatches(x!, size, options),
  mapCoordinates: ([x, at], options) => image.mapCoordinates(x!, at!, options),
  affineTransform: ([x, maps], options) => image.affineTransform(x!, maps!, options),
  perspectiveTransform: ([x, start, end], options) => image.perspectiveTransform(x!, start!, end!, options),
  rgbToHsv: ([x]) => image.rgbToHsv(x!),
  hsvToRgb: ([x]) => image.hsvToRgb(x!),
  rgbToGrayscale: ([x]) => image.rgbToGrayscale(x!),
};

const cases = JSON.parse(readFileSync(new URL('image.json', import.meta.url), 'utf8')) as readonly Case[];

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test.each(cases.map((entry) => [entry.name, entry] as const))(
  '%s',
  async (_name, { call, options, inputs, output }) => {
    const given = inputs.map(({ shape, data }) => tensor(Float32Array.from(data), { shape }));
    const result = calls[call]!(given, options as never);
    expect(result.shape).toEqual(output.shape);
    const numbers = await result.data();
    const worst = Math.max(...output.data.map((x, i) => Math.abs(x - numbers[i]!)));
    expect(worst).toBeLessThanOrEqual(1e-5);
  },
);
