/** MNIST as installed: sizes, known counts, known pixels; and what happens when its files are damaged. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DeviceError } from '@antler/core';
import { FormatError, mnist, type Mnist } from '../src/index.js';

describe('mnist', () => {
  let data: Mnist;
  beforeAll(async () => {
    data = await mnist();
  });

  test('has all 70,000 images and labels', () => {
    expect(data.train.images.shape).toEqual([60000, 28, 28]);
    expect(data.train.labels.shape).toEqual([60000]);
    expect(data.test.images.shape).toEqual([10000, 28, 28]);
    expect(data.test.labels.shape).toEqual([10000]);
    expect(data.train.images.dtype).toBe('uint8');
    expect(data.classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('labels and pixels are the published ones', () => {
    const counts = (labels: ArrayLike<number>): number[] => {
      const out = new Array<number>(10).fill(0);
      for (let i = 0; i < labels.length; i++) out[labels[i]!]!++;
      return out;
    };
    expect(Array.from(data.train.labels.data.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(counts(data.train.labels.data)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(data.test.labels.data)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let sum = 0;
    for (const pixel of data.train.images.data) sum += pixel;
    expect(sum / (60000 * 784) / 255).toBeCloseTo(0.1306604762738429, 12);
  });

  test('normalized images are the pixels over 255', async () => {
    const { test: held } = await mnist({ normalize: true });
    expect(held.images.dtype).toBe('float32');
    const raw = data.test.images.data;
    for (let i = 0; i < 784 * 5; i++) expect(held.images.data[i]).toBe(Math.fround(raw[i]! / 255));
  });

  test('reads files from elsewhere, and names the one that is damaged', async () => {
    const files: Record<string, number[]> = {
      'train-images-idx3-ubyte': [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 8],
      'train-labels-idx1-ubyte': [0, 0, 8, 1, 0, 0, 0, 1, 4],
      't10k-images-idx3-ubyte': [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9],
      't10k-labels-idx1-ubyte': [0, 0, 8, 1, 0, 0, 0, 1, 3],
    };
    const read = async (file: string): Promise<Uint8Array> => Uint8Array.from(files[file]!);
    expect(Array.from((await mnist({ read })).train.images.data)).toEqual([7, 8]);
    files['t10k-labels-idx1-ubyte']!.pop();
    await expect(mnist({ read })).rejects.toThrow(
      new FormatError(
        't10k-labels-idx1-ubyte: expected 9 bytes for shape [1] of uint8, received 8 bytes. The file is truncated.',
      ),
    );
    files['t10k-labels-idx1-ubyte'] = [0, 0, 8, 1, 0, 0, 0, 2, 3, 3];
    await expect(mnist({ read })).rejects.toThrow(
      /images \[n, 28, 28\] and labels \[n\] in t10k-\*, received \[1, 1, 2\] and \[2\]/,
    );
  });

  test('outside Node asks for a reader', async () => {
    const replaced = jest.replaceProperty(globalThis, 'process', undefined as unknown as NodeJS.Process);
    try {
      await expect(mnist()).rejects.toThrow(
        new DeviceError(
          'mnist: expected files to read, received none. Outside Node pass `read`, for instance (file) => fetch(…).',
        ),
      );
    } finally {
      replaced.restore();
    }
  });
});
