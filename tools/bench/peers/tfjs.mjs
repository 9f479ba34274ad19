// A contestant: the benchmark models in TensorFlow.js, trained by `fit`. `node tfjs.mjs FOLDER MODEL cpu|wasm`.

import { serve } from '../serve.mjs';
import { firstRows, readArrays } from '../steps/arrays.mjs';
import { boundedCheck, boundedPasses } from './bounded.mjs';
import { peer, peerVersion } from './load.mjs';

const [folder = '', name = '', backend = ''] = process.argv.slice(2);
// It greets whoever has not its native backend.
console.warn = console.log = () => {};
const { default: tf } = await peer('@tensorflow/tfjs-core');
await peer(`@tensorflow/tfjs-backend-${backend}`);
const { layers, model: modelOf, input } = await peer('@tensorflow/tfjs-layers');
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
const { batch, batches, x, y, weights } = readArrays(folder);

/** @param {any} image */
function resnet(image) {
  /** @param {any} y @param {number} filters @param {number} kernelSize @param {number} strides @param {string} which */
  const normalized = (y, filters, kernelSize, strides, which) => {
    const options = { filters, kernelSize, strides, padding: 'same', useBias: false, name: `conv${which}` };
    return layers.batchNormalization({ name: `norm${which}` }).apply(layers.conv2d(options).apply(y));
  };
  /** @param {any} y */
  const relu = (y) => layers.reLU().apply(y);
  let y = relu(normalized(image, 16, 3, 1, ''));
  for (const [stage, filters] of [16, 32, 64].entries()) {
    for (let block = 0; block < 3; block++) {
      const at = `${stage}${block}`;
      const strides = stage > 0 && block === 0 ? 2 : 1;
      const inner = normalized(relu(normalized(y, filters, 3, strides, `${at}a`)), filters, 3, 1, `${at}b`);
      y = relu(layers.add().apply([inner, strides === 1 ? y : normalized(y, filters, 1, 2, `${at}c`)]));
    }
  }
  return layers.globalAveragePooling2d({}).apply(y);
}

/** @param {any} image @param {boolean} checking */
function cnn(image, checking) {
  let y = image;
  for (const [name, filters] of /** @type {const} */ ([
    ['first', 32],
    ['second', 64],
  ])) {
    const conv = layers.conv2d({ filters, kernelSize: 3, activation: 'relu', name });
    y = layers.maxPooling2d({ poolSize: 2 }).apply(conv.apply(y));
  }
  return layers.dropout({ rate: checking ? 0 : 0.5 }).apply(layers.flatten().apply(y));
}

/** What comes before the last layer. @type {Record<string, (x: any, checking: boolean) => any>} */
const bodies = {
  tiny: (x) => layers.dense({ units: 3, activation: 'sigmoid', name: 'hidden' }).apply(x),
  mlp: (x) =>
    ['first', 'second'].reduce((y, name) => layers.dense({ units: 512, activation: 'relu', name }).apply(y), x),
  cnn,
  lstm: (x) =>
    layers
      .lstm({ units: 128, recurrentActivation: 'sigmoid', recurrentInitializer: 'zeros', name: 'recurrent' })
      .apply(x),
  resnet,
};

/** @param {boolean} checking without dropout */
function build(checking) {
  const body = bodies[name];
  if (body === undefined) throw new Error('TensorFlow.js has no layer for attention');
  const inputs = input({ shape: x.shape.slice(1) });
  const units = weights.head?.[1]?.shape[0];
  const outputs = layers.dense({ units, activation: 'softmax', name: 'head' }).apply(body(inputs, checking));
  const model = modelOf({ inputs, outputs });
  for (const [layer, arrays] of Object.entries(weights)) {
    model.getLayer(layer).setWeights(arrays.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype)));
  }
  model.compile({ optimizer: tf.train.adam(0.001, 0.9, 0.999, 1e-7), loss: 'sparseCategoricalCrossentropy' });
  return model;
}

/** @param {number} rows */
function tensors(rows) {
  const [inputs, truth] = [firstRows(x, rows), firstRows(y, rows)];
  return [tf.tensor(inputs.data, inputs.shape), tf.tensor(Float32Array.from(truth.data), truth.shape)];
}

const model = build(false);
await serve(
  { [`@tensorflow/tfjs-backend-${backend}`]: peerVersion(`@tensorflow/tfjs-backend-${backend}`) },
  {
    fit: (count) =>
      boundedPasses(count, batches, async (passed) => {
        const [inputs, truth] = tensors(passed * batch);
        await model.fit(inputs, truth, { batchSize: batch, shuffle: false, verbose: 0, yieldEvery: 'never' });
        tf.dispose([inputs, truth]);
      }),
    check: async (count) => {
      const checked = build(true);
      const [inputs, truth] = tensors(batch);
      return boundedCheck(count, async (step) => {
        // It adds epsilon to the root of the corrected second moment, Keras to that of the moment itself.
        checked.optimizer.epsilon = 1e-7 / Math.sqrt(1 - 0.999 ** step);
        return checked.trainOnBatch(inputs, truth);
      });
    },
  },
);
