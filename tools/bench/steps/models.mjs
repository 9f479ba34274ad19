// The six benchmark models as data: the weights that every contestant starts from, and the batch that it trains on.
//
// What each model computes is written once per contestant (peers/, antler.mjs), the way its users would write it. Weights
// have Keras's layouts and order; arrays are drawn from one small generator, so that all contestants see the same numbers.

/**
 * How an array is filled: all one value, uniform between ±`uniform`, or whole numbers below `below`.
 * @typedef {{ shape: readonly number[], fill?: number, uniform?: number, below?: number, ones?: readonly [from: number, to: number] }} ArraySpec
 *
 * @typedef {object} ModelSpec
 * @property {number} batch rows of a training step
 * @property {number} goal at most this times what the fastest peer takes
 * @property {ArraySpec} x one row of the batch is x.shape
 * @property {ArraySpec} y
 * @property {Readonly<Record<string, readonly ArraySpec[]>>} weights by layer, in Keras's order
 */

/** @param {readonly number[]} shape @param {number} fanIn @param {number} fanOut @returns {ArraySpec} */
const glorot = (shape, fanIn, fanOut) => ({ shape, uniform: Math.sqrt(6 / (fanIn + fanOut)) });

/** @param {number} inputs @param {number} units @returns {readonly ArraySpec[]} */
const dense = (inputs, units) => [glorot([inputs, units], inputs, units), { shape: [units], fill: 0 }];

/** @param {number} size @param {number} channels @param {number} filters @returns {ArraySpec} */
const kernel = (size, channels, filters) =>
  glorot([size, size, channels, filters], size * size * channels, size * size * filters);

/** Scale, shift. @param {number} n @returns {readonly ArraySpec[]} */
const scaled = (n) => [
  { shape: [n], fill: 1 },
  { shape: [n], fill: 0 },
];

/** Scale, shift, moving mean and variance. @param {number} n @returns {readonly ArraySpec[]} */
const batchNormalization = (n) => [...scaled(n), { shape: [n], fill: 0 }, { shape: [n], fill: 1 }];

/** @param {number} width @param {number} heads @returns {readonly ArraySpec[]} */
function attention(width, heads) {
  const size = width / heads;
  const projection = [glorot([width, heads, size], width, width), { shape: [heads, size], fill: 0 }];
  const out = [glorot([heads, size, width], width, width), { shape: [width], fill: 0 }];
  return [...projection, ...projection, ...projection, ...out];
}

function gpt() {
  const [width, vocabulary, context] = [192, 96, 128];
  /** @type {Record<string, readonly ArraySpec[]>} */
  const weights = {
    tokens: [{ shape: [vocabulary, width], uniform: 0.05 }],
    positions: [{ shape: [context, width], uniform: 0.05 }],
  };
  for (let block = 0; block < 4; block++) {
    weights[`norm${block}a`] = scaled(width);
    weights[`attention${block}`] = attention(width, 6);
    weights[`norm${block}b`] = scaled(width);
    weights[`wide${block}`] = dense(width, 4 * width);
    weights[`narrow${block}`] = dense(4 * width, width);
  }
  return { ...weights, norm: scaled(width), head: dense(width, vocabulary) };
}

function resnet() {
  /** @type {Record<string, readonly ArraySpec[]>} */
  const weights = { conv: [kernel(3, 3, 16)], norm: batchNormalization(16) };
  let channels = 16;
  for (const [stage, filters] of [16, 32, 64].entries()) {
    for (let block = 0; block < 3; block++) {
      const name = `${stage}${block}`;
      weights[`conv${name}a`] = [kernel(3, channels, filters)];
      weights[`norm${name}a`] = batchNormalization(filters);
      weights[`conv${name}b`] = [kernel(3, filters, filters)];
      // A functional model orders its layers by their distance from the output.
      if (channels !== filters) weights[`conv${name}c`] = [kernel(1, channels, filters)];
      weights[`norm${name}b`] = batchNormalization(filters);
      if (channels !== filters) weights[`norm${name}c`] = batchNormalization(filters);
      channels = filters;
    }
  }
  return { ...weights, head: dense(64, 10) };
}

/** @type {Readonly<Record<string, ModelSpec>>} */
export const models = {
  tiny: {
    batch: 32,
    goal: 0.35,
    x: { shape: [5], uniform: 1 },
    y: { shape: [], below: 2 },
    weights: { hidden: dense(5, 3), head: dense(3, 2) },
  },
  mlp: {
    batch: 128,
    goal: 0.75,
    x: { shape: [784], uniform: 1 },
    y: { shape: [], below: 10 },
    weights: { first: dense(784, 512), second: dense(512, 512), head: dense(512, 10) },
  },
  cnn: {
    batch: 128,
    goal: 0.38,
    x: { shape: [28, 28, 1], uniform: 1 },
    y: { shape: [], below: 10 },
    weights: {
      first: [kernel(3, 1, 32), { shape: [32], fill: 0 }],
      second: [kernel(3, 32, 64), { shape: [64], fill: 0 }],
      head: dense(1600, 10),
    },
  },
  lstm: {
    batch: 64,
    goal: 0.77,
    x: { shape: [64, 32], uniform: 1 },
    y: { shape: [], below: 10 },
    weights: {
      // The bias of the forget gate begins at one.
      recurrent: [
        glorot([32, 512], 32, 512),
        glorot([128, 512], 128, 128),
        { shape: [512], fill: 0, ones: [128, 256] },
      ],
      head: dense(128, 10),
    },
  },
  gpt: {
    batch: 16,
    goal: 0.7,
    x: { shape: [128], below: 96 },
    y: { shape: [128], below: 96 },
    weights: gpt(),
  },
  resnet: {
    batch: 64,
    goal: 0.62,
    x: { shape: [32, 32, 3], uniform: 1 },
    y: { shape: [], below: 10 },
    weights: resnet(),
  },
};
