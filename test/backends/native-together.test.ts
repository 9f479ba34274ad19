/** Two models that train at once on the native backend end with the bits of each alone. */
import { expect, test } from '@jest/globals';
import { initializers, layers, sequential, type Sequential } from '@antler/layers';
import { onBackend } from '../layers/setup.js';
import { withNative } from './native.js';

/** A small classifier of images, always the same for a seed. */
function classifier(seed: number): Sequential {
  const kernelInitializer = initializers.glorotUniform({ seed });
  const model = sequential([
    layers.input({ shape: [12, 12, 2] }),
    layers.conv2D({ filters: 8, kernelSize: 3, activation: 'relu', kernelInitializer }),
    layers.maxPooling2D({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 32, activation: 'tanh', kernelInitializer }),
    layers.dense({ units: 4, activation: 'softmax', kernelInitializer }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

const rows = 64;
const x = {
  data: Float32Array.from({ length: rows * 288 }, (_, i) => Math.sin(i * i)),
  shape: [rows, 12, 12, 2],
};
const y = Uint8Array.from({ length: rows }, (_, i) => i % 4);

async function trained(seed: number): Promise<number[][]> {
  const model = classifier(seed);
  await model.fit(x, y, { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 });
  return Promise.all(model.weights.map(async (weight) => Array.from(await weight.value.data())));
}

withNative((create) => {
  onBackend('native', create, () => {
    test('two models at once', async () => {
      const alone = [await trained(1), await trained(2)];
      expect(alone[0]).not.toEqual(alone[1]);
      expect(await Promise.all([trained(1), trained(2)])).toEqual(alone);
    });
  });
});
