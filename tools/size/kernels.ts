/** The program of `mlp.ts` with a js backend of the kernels alone that it needs. */
import { basicKernels, indexingKernels, jsBackendOf } from '@antler/backend-js';
import { registerBackends, relu } from '@antler/core';
import { Adam, Dense, SparseCategoricalCrossentropy, input, sequential } from '@antler/layers';

registerBackends({ js: jsBackendOf([basicKernels, indexingKernels]) });
const model = sequential([
  input({ shape: [784] }),
  new Dense({ units: 128, activation: relu }),
  new Dense({ units: 10 }),
]);
model.compile({
  optimizer: new Adam({ learningRate: 0.001 }),
  loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
});
const rows = { data: new Float32Array(32 * 784), shape: [32, 784] };
const labels = { data: new Int32Array(32), shape: [32] };
await model.fit(rows, labels, { epochs: 1, verbose: 0 });
await model.predict(rows, { verbose: 0 });
