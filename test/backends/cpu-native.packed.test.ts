/** Weights that the native backend packs once: never stale, the same bits before and after, bounded, gone with their buffers. */
import { describe, expect, test } from '@jest/globals';
import * as antler from 'antler';
import type { Backend } from '@antler/core';
import { batchOf, compiled } from '../../tools/bench/models.mjs';
import { Builder, view, type Place } from '../conformance/builder.js';
import { seeded } from '../seeded.js';
import { addon, withNative } from './native.js';

type Native = Backend<ArrayBuffer>;

/** A program of x, w and y, with the number of their elements. */
interface Case {
  readonly build: Builder;
  readonly sizes: readonly [number, number, number];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function caseOf(
  shapes: readonly [readonly number[], readonly number[], readonly number[]],
  add: (build: Builder, x: Place, w: Place, y: Place) => void,
): Case {
  const build = new Builder({});
  const [x, w] = [build.input('float32', shapes[0], []), build.input('float32', shapes[1], [])];
  add(build, x, w, build.output('float32', shapes[2]));
  return { build, sizes: [sizeOf(shapes[0]), sizeOf(shapes[1]), sizeOf(shapes[2])] };
}

function product([m, n, k]: readonly [number, number, number], isTransposed: boolean): Case {
  return caseOf([[m, k], isTransposed ? [n, k] : [k, n], [m, n]], (build, x, w, y) =>
    build.dot({ m: [m], n: [n], k: [k] }, x, isTransposed ? view(w, [1, k]) : w, (sum, epilogue) =>
      epilogue.store(y, sum),
    ),
  );
}

/** Of images of side × side. Several convolutions of the same operands have a packed copy each. */
function convolution(
  map: 'output' | 'input',
  [side, taps, channels, filters]: readonly [number, number, number, number],
  times = 1,
): Case {
  const [input, kernel] = [
    [2, side, side, channels],
    [taps, taps, channels, filters],
  ];
  const output = [2, side, side, filters];
  const around = [(taps - 1) / 2, (taps - 1) / 2] as const;
  const geometry = { map, input, kernel, output, strides: [1, 1], padding: [around, around], dilation: [1, 1], groups: 1 } as const; // prettier-ignore
  return caseOf(map === 'output' ? [input, kernel, output] : [output, kernel, input], (build, x, w, y) => {
    for (let i = 0; i < times; i++) build.conv(geometry, x, w, (sum, epilogue) => epilogue.store(y, sum));
  });
}

const cases: Readonly<Record<string, Case>> = {
  'a product': product([16, 512, 512], false),
  'a product of odd sizes': product([33, 70, 300], false),
  'a product with a transpose': product([32, 256, 128], true),
  'a convolution of 3 × 3 taps': convolution('output', [16, 3, 16, 32]),
  'its way back': convolution('input', [16, 3, 16, 32]),
  'a convolution of 5 × 5 taps': convolution('output', [12, 5, 8, 24]),
  'the way back of that': convolution('input', [12, 5, 8, 24]),
};

/** Bytes in front of the weights in their buffer. */
const front = 64;

const numbers = (length: number, seed: number): Float32Array => {
  const random = seeded(seed);
  return Float32Array.from({ length }, () => 2 * random() - 1);
};

/** The regions of a case, with the numbers of some seed as weights. */
function regionsOf(native: Native, { sizes: [x, w, y] }: Case, seed: number) {
  const regions = [
    { buffer: native.alloc(4 * x), byteOffset: 0 },
    { buffer: native.alloc(4 * w + 2 * front), byteOffset: front },
    { buffer: native.alloc(4 * y), byteOffset: 0 },
  ] as const;
  native.write(regions[0], numbers(x, 1), 'float32');
  native.write(regions[1], numbers(w, seed), 'float32');
  return regions;
}

async function run(native: Native, { build, sizes }: Case, regions: ReturnType<typeof regionsOf>, executable: unknown) {
  expect(build.places.length).toBe(3);
  native.run(executable, regions, new Float64Array());
  return new Float32Array(await native.read(regions[2], sizes[2], 'float32'));
}

/** What a program that has seen nothing yet makes of some weights. */
async function fresh(native: Native, one: Case, weights: Float32Array): Promise<Float32Array> {
  const regions = regionsOf(native, one, 2);
  native.write(regions[1], weights, 'float32');
  return run(native, one, regions, await native.compile(one.build.program()));
}

withNative((create) => {
  const native = create() as Native;

  describe.each(Object.entries(cases))('%s', (_, one) => {
    test('has the same bits before, while and after its weights are packed', async () => {
      const regions = regionsOf(native, one, 2);
      const executable = await native.compile(one.build.program());
      const first = await run(native, one, regions, executable);
      for (let i = 0; i < 3; i++) expect(await run(native, one, regions, executable)).toEqual(first);
    });

    test('sees what anybody writes to its weights', async () => {
      const [, count] = one.sizes;
      const regions = regionsOf(native, one, 2);
      const executable = await native.compile(one.build.program());
      const weights = numbers(count, 2);
      const again = async (): Promise<void> => {
        const expected = await fresh(native, one, weights);
        for (let i = 0; i < 3; i++) expect(await run(native, one, regions, executable)).toEqual(expected);
      };
      await again();
      // The host, all of them and some.
      weights.set(numbers(count, 3));
      native.write(regions[1], weights, 'float32');
      await again();
      weights.fill(0.5, 8, 12);
      native.write({ buffer: regions[1].buffer, byteOffset: front + 32 }, new Float32Array(4).fill(0.5), 'float32');
      await again();
      // The host, while other work is enqueued.
      native.run(executable, regions, new Float64Array());
      weights.fill(2, 0, 4);
      native.write(regions[1], new Float32Array(4).fill(2), 'float32');
      await again();
      // A program in place, and one that writes across their end.
      const doubled = new Builder({});
      const place = doubled.inout('float32', [count], []);
      doubled.loop([count], 0, (body) => body.store(place, body.op('add', [body.load(place), body.load(place)])));
      native.run(await native.compile(doubled.program()), [regions[1]], new Float64Array());
      weights.forEach((weight, i) => (weights[i] = 2 * weight));
      await again();
      const cleared = new Builder({});
      const end = cleared.output('float32', [8]);
      cleared.loop([8], 0, (body) => body.store(end, body.constant(0, 'float32')));
      const behind = { buffer: regions[1].buffer, byteOffset: front + 4 * count - 16 };
      native.run(await native.compile(cleared.program()), [behind], new Float64Array());
      weights.fill(0, count - 4);
      await again();
    });
  });

  describe('copies', () => {
    const one = cases['a convolution of 3 × 3 taps']!;
    const bytes = 16 * 16 * 32 * 4;
    const kept = (): number => addon.describe().packedBytes;

    test('are made of what is seen twice, and dropped when it is written to', async () => {
      const regions = regionsOf(native, one, 2);
      const executable = await native.compile(one.build.program());
      const before = kept();
      for (const expected of [0, bytes, bytes]) {
        await run(native, one, regions, executable);
        expect(kept() - before).toBe(expected);
      }
      native.write(regions[1], numbers(4, 5), 'float32');
      expect(kept() - before).toBe(0);
    });

    test('take 128 MiB at most', async () => {
      const many = convolution('output', [4, 3, 128, 128], 140);
      const regions = regionsOf(native, many, 2);
      const executable = await native.compile(many.build.program());
      const first = await run(native, many, regions, executable);
      for (let i = 0; i < 2; i++) expect(await run(native, many, regions, executable)).toEqual(first);
      expect(kept()).toBeLessThanOrEqual(2 ** 27);
      expect(kept()).toBeGreaterThan(2 ** 27 - 2 ** 21);
      native.write(regions[1], numbers(4, 5), 'float32');
      expect(kept()).toBeLessThan(2 ** 26);
    });

    test('end with what they were made of', async () => {
      const executable = await native.compile(one.build.program());
      const before = kept();
      const use = async (): Promise<void> => {
        const regions = regionsOf(native, one, 2);
        for (let i = 0; i < 2; i++) await run(native, one, regions, executable);
      };
      await use();
      expect(kept() - before).toBe(bytes);
      for (let i = 0; i < 100 && kept() > before; i++) {
        globalThis.gc!();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(kept()).toBeLessThanOrEqual(before);
      expect(native.scratch(executable)).toBeGreaterThan(0);
    });
  });

  test('a model predicts by its new weights after each step of training', async () => {
    antler.registerBackends({ native: create });
    await antler.setBackend('native');
    const [model, twin] = [0.1, 0.1].map((rate) => compiled(antler, 'cnn', { side: 14, filters: 16 }, rate));
    const { x, y } = batchOf(model!, 'cnn', 16, seeded(3));
    const predictionsOf = async (one: typeof model): Promise<number[]> => [...(await one!.predictOnBatch(x).data())];
    const train = (): Promise<unknown> => model!.fit(x, y, { epochs: 1, batchSize: 16, verbose: 0 });
    for (let i = 0; i < 3; i++) {
      // In new memory, because the weights have been given out, and then in place.
      await train();
      for (let k = 0; k < 3; k++) await predictionsOf(model);
      await train();
      const predictions = await predictionsOf(model);
      // In memory of its own, of which nothing has been packed.
      twin!.setWeights(await model!.getWeights());
      expect(await predictionsOf(twin)).toEqual(predictions);
    }
  });
});
