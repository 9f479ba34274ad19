/** The program of `mlp.ts` with the functions of namespaces, from the entries that bundlers shake. */
import { createJsBackend } from '@antler/backend-js';
import { registerBackends, relu } from '@antler/core';
import { input, sequential } from '@antler/layers';
import * as layers from '@antler/layers/layers';
import * as losses from '@antler/layers/losses';
import * as optimizers from '@antler/layers/optimizers';

registerBackends({ js: createJsBackend });
const model = sequential([
  input({ shape: [784] }),
  layers.dense({ units: 128, activation: relu }),
  layers.dense({ units: 10 }),
]);
model.compile({
  optimizer: optimizers.adam({ learningRate: 0.001 }),
  loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
});
const rows = { data: new Float32Array(32 * 784), shape: [32, 784] };
const labels = { data: new Int32Array(32), shape: [32] };
await model.fit(rows, labels, { epochs: 1, verbose: 0 });
await model.predict(rows, { verbose: 0 });
