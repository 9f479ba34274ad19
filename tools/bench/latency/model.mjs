// A network as a model of ours, with weights that are the same in every process.

import * as antler from 'antler';
import { nets, numbers } from './nets.mjs';

/** @typedef {import('antler').SymbolicTensor} Value */

/** @type {import('./nets.mjs').Builder<Value>} */
const builder = {
  dense: (x, units, activation) => antler.layers.dense({ units, ...(activation && { activation }) }).apply(x),
  conv: (x, { filters, size, strides = 1, groups = 1, padding, bias, activation }) =>
    antler.layers
      .conv2D({
        filters,
        kernelSize: size,
        strides,
        groups,
        padding,
        useBias: bias,
        ...(activation && { activation }),
      })
      .apply(x),
  norm: (x) => antler.layers.batchNormalization().apply(x),
  relu6: (x) => antler.layers.reLU({ maxValue: 6 }).apply(x),
  maxPool: (x) => antler.layers.maxPooling2D().apply(x),
  globalAverage: (x) => antler.layers.globalAveragePooling2D().apply(x),
  flatten: (x) => antler.layers.flatten().apply(x),
  add: (x, y) => antler.layers.add().apply([x, y]),
};

/** @param {string} name of the network */
export function modelOf(name) {
  const net = nets[name];
  if (net === undefined) throw new Error(`expected one of ${Object.keys(nets).join(', ')}, received ${name}`);
  const x = antler.input({ shape: net.shape });
  const model = antler.model({ inputs: x, outputs: net.build(builder, x) });
  model.setWeights(model.weights.map((variable, i) => weight(variable, i + 1)));
  return model;
}

/**
 * As large as keeps activations of about one size through all layers; a variance is near one.
 *
 * @param {antler.Variable} variable
 * @param {number} seed
 * @returns {antler.HostArray}
 */
function weight({ name, shape }, seed) {
  const size = antler.sizeOf(shape);
  const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const [middle, reach] = /gamma|variance/.test(name) ? [1, 0.2] : [0, shape.length > 1 ? Math.sqrt(6 / fanIn) : 0.1];
  const data = numbers(size, seed).map((value) => middle + reach * value);
  return { data, shape, dtype: 'float32' };
}
